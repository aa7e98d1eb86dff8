import { Semaphore } from './semaphore';

/**
 * The maximum number of concurrent polls over all codes. The connection pool has ten connections; the rest stay free for
 * other requests.
 */
const MAX_AT_ONCE = 4;

/**
 * Limits the database connections that polls use: at most one query per device code at a time, and a few over all codes.
 * Anybody can begin a login and poll as often as they like, and each poll would hold a connection while it waits for the
 * row lock.
 */
export class Polls<Answer> {
  private readonly semaphore = new Semaphore(MAX_AT_ONCE);
  private readonly inFlight = new Map<string, Promise<Answer>>();

  /** @param toLater maps the response of a poll in flight to that of a later poll which was coalesced with it. */
  constructor(private readonly toLater: (earlier: Answer) => Answer) {}

  async run(codeHash: string, poll: () => Promise<Answer>): Promise<Answer> {
    const earlier = this.inFlight.get(codeHash);
    if (earlier !== undefined) return this.toLater(await earlier);
    const answer = this.semaphore.run(poll).finally(() => this.inFlight.delete(codeHash));
    this.inFlight.set(codeHash, answer);
    return answer;
  }
}
