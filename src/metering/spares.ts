/**
 * Keeps what its user has no more use for, for the next user: creating another one takes memory outside of V8's heap, of which enough
 * calls V8's collector, which stops all streams for a moment.
 */
export class Spares<T> {
  private readonly spares: T[] = [];

  /** @param max how many are kept, at most. */
  constructor(
    private readonly create: () => T,
    private readonly max: number,
  ) {}

  take(): T {
    return this.spares.pop() ?? this.create();
  }

  /** Takes one back, which its user does not use any more. */
  giveBack(one: T): void {
    if (this.spares.length < this.max) this.spares.push(one);
  }
}
