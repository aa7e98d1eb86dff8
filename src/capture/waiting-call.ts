import { BodySpool, SpooledBody } from './body-spool';
import { CaptureBuffer } from './capture-buffer';
import { CapturedBody, CapturedCall } from './captured-call';

const NOTHING = Buffer.alloc(0);

/** Both bodies of a call, in the spool. */
interface SpooledBodies {
  readonly request: SpooledBody;
  readonly response: SpooledBody;
}

/** A finished call that waits to be kept. Its bodies are in memory, or have been moved into the spool. */
export class WaitingCall {
  private spooled: SpooledBodies | undefined;
  /** Whether it is its turn, so that it stays in memory. */
  private isLoaded = false;
  /** Whether its bodies take a part of the buffer. */
  private isInBuffer = true;

  constructor(
    private call: CapturedCall,
    private readonly buffer: CaptureBuffer,
    private readonly spool: BodySpool,
  ) {}

  get id(): string {
    return this.call.id;
  }

  /**
   * Moves the bodies into the spool, if there is room.
   * @throws Error of the file system; then they stay in memory.
   */
  async moveToDisk(): Promise<void> {
    const { userId } = this.call.session;
    const { request, response } = this.call.bodies;
    const first = await this.spool.put(userId, request.bytes);
    if (first === undefined) return;
    const second = await this.spool.put(userId, response.bytes).catch(async (error: unknown) => {
      await this.spool.free(first);
      throw error;
    });
    if (second === undefined || this.isLoaded) {
      for (const body of [first, second]) if (body !== undefined) await this.spool.free(body);
      return;
    }
    this.leaveBuffer();
    this.spooled = { request: first, response: second };
    this.call = withBytes(this.call, NOTHING, NOTHING);
  }

  /**
   * Returns the call with its bodies. What comes from the spool is not counted as memory: it is one call at a time.
   * @throws Error if they can't be read again. The call is lost then.
   */
  async load(): Promise<CapturedCall> {
    this.isLoaded = true;
    const { spooled } = this;
    if (spooled === undefined) return this.call;
    this.spooled = undefined;
    const read = await Promise.allSettled([
      this.spool.take(spooled.request),
      this.spool.take(spooled.response),
    ]);
    const [request, response] = read.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    this.call = withBytes(this.call, request ?? NOTHING, response ?? NOTHING);
    return this.call;
  }

  /** Gives back the memory, when the call is written or given up. */
  leaveBuffer(): void {
    if (!this.isInBuffer) return;
    this.isInBuffer = false;
    const { session, bodies } = this.call;
    this.buffer.giveBackBodies(session.userId, bodies);
  }
}

function withBytes(call: CapturedCall, request: Buffer, response: Buffer): CapturedCall {
  const filled = (body: CapturedBody, bytes: Buffer): CapturedBody => ({ ...body, bytes });
  const { bodies } = call;
  return {
    ...call,
    bodies: { request: filled(bodies.request, request), response: filled(bodies.response, response) },
  };
}
