import { ByteTap } from '../exchange/exchange';
import { SessionLinkReader, SessionLinks } from './session-links';

/** Reads what a request's body says about its session. */
export class SessionTap implements ByteTap {
  /** What the body says, when the exchange has ended. */
  readonly links: Promise<SessionLinks>;
  private resolve: (links: Promise<SessionLinks>) => void = () => undefined;
  private readonly reader: SessionLinkReader;
  private error: unknown;

  constructor(conversation: string, contentEncoding: string | undefined) {
    this.links = new Promise((resolve) => (this.resolve = resolve));
    this.reader = new SessionLinkReader(conversation, contentEncoding);
  }

  requestChunk(chunk: Buffer): void {
    if (this.error !== undefined) return;
    try {
      this.reader.chunk(chunk);
    } catch (error) {
      this.error = error; // the exchange drops a tap that throws, and its call would never be recorded
    }
  }

  end(): void {
    this.resolve(
      this.error === undefined
        ? this.reader.links()
        : Promise.reject(new Error('The body could not be read', { cause: this.error })),
    );
  }
}
