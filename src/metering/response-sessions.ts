import { setTimeout as sleep } from 'node:timers/promises';
import { FollowedResponse } from './answered-calls.repository';

/** How long a call waits for the answer of the database, behind its end. */
const MAX_WAIT_MS = 2_000;
/** The maximum number of responses that one query looks for. */
const BATCH = 200;
/** The maximum number of calls that wait. */
const MAX_WAITING = 2_000;

interface Waiting {
  readonly response: FollowedResponse;
  readonly resolve: (sessionId: string | undefined) => void;
}

/**
 * Asks the ledger for the sessions of responses, which calls of other processes or of before a restart were answered with: one
 * query at a time for all calls that wait. Never throws: without an answer in time there is no session.
 */
export class ResponseSessions {
  private readonly waiting: Waiting[] = [];
  private isAsking = false;

  /** @param ask returns the sessions of some responses, in their order. */
  constructor(
    private readonly ask: (
      responses: readonly FollowedResponse[],
    ) => Promise<readonly (string | undefined)[]>,
    private readonly maxWaitMs = MAX_WAIT_MS,
  ) {}

  async find(response: FollowedResponse): Promise<string | undefined> {
    if (this.waiting.length >= MAX_WAITING) return undefined;
    const found = new Promise<string | undefined>((resolve) => this.waiting.push({ response, resolve }));
    if (!this.isAsking) void this.askForAll();
    const late = new AbortController();
    try {
      return await Promise.race([found, sleep(this.maxWaitMs, undefined, { signal: late.signal })]);
    } finally {
      late.abort();
    }
  }

  private async askForAll(): Promise<void> {
    this.isAsking = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH);
      const sessions = await this.ask(batch.map(({ response }) => response)).catch(() => []);
      for (const [index, { resolve }] of batch.entries()) resolve(sessions[index]);
    }
    this.isAsking = false;
  }
}
