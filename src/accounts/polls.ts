import { Semaphore } from './semaphore';

/** Of all codes together; the pool has ten connections, and the others are for people who work. */
const MAX_AT_ONCE = 4;

/**
 * Keeps polls off the database's connections: one at a time asks for a device code, and few for all codes together. Anybody
 * can begin a login and poll with its code as often as they like, and each poll would hold a connection while it waits for
 * the row's lock.
 */
export class Polls<Answer> {
  private readonly semaphore = new Semaphore(MAX_AT_ONCE);
  private readonly inFlight = new Map<string, Promise<Answer>>();

  /** @param toLater what a poll is told that came while an earlier one with its code was under way, by that one's answer. */
  constructor(private readonly toLater: (earlier: Answer) => Answer) {}

  async run(codeHash: string, poll: () => Promise<Answer>): Promise<Answer> {
    const earlier = this.inFlight.get(codeHash);
    if (earlier !== undefined) return this.toLater(await earlier);
    const answer = this.semaphore.take(poll).finally(() => this.inFlight.delete(codeHash));
    this.inFlight.set(codeHash, answer);
    return answer;
  }
}
