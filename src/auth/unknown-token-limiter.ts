import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { IncomingMessage } from 'node:http';
import { Attempts } from '../api/attempts';
import { ClientNetworks } from '../api/client-networks';
import { CONFIG, Config } from '../config/config';

/** A minute, from one network, of tokens and codes that nobody has. */
const MAX_UNKNOWN = 60;
/** Hashes of tokens that are known to be good: a few megabytes. */
const MAX_SEEN = 20_000;

/**
 * Stands between a token or code that a client presents and the database: what is found is free, what is not found counts
 * against the client's network, and above the limit the database is not asked. A token that this process has found or
 * created before always may be looked for, so that who guesses locks nobody out who works behind the same address.
 */
@Injectable()
export class UnknownTokenLimiter {
  private readonly seen = new LRUCache<string, true>({ max: MAX_SEEN });
  private readonly unknown: Attempts;

  constructor(
    private readonly networks: ClientNetworks,
    @Inject(CONFIG) { rateLimits }: Config,
  ) {
    this.unknown = new Attempts(MAX_UNKNOWN, rateLimits);
  }

  /**
   * Asks for a token by its hash.
   * @param request of the client that presents it.
   * @throws TooManyAttempts without asking, when too many from its network were unknown.
   */
  async find<Found>(
    tokenHash: string,
    request: IncomingMessage,
    ask: () => Promise<Found | undefined>,
  ): Promise<Found | undefined> {
    return this.ask(tokenHash, request, ask, (found) => found === undefined);
  }

  /** The same for a question whose answer says in another way that there is no such token. */
  async ask<Answer>(
    tokenHash: string,
    request: IncomingMessage,
    ask: () => Promise<Answer>,
    isUnknown: (answer: Answer) => boolean,
  ): Promise<Answer> {
    if (this.seen.get(tokenHash) === true) return ask();
    const answer = await this.unknown.run(this.networks.of(request), ask, isUnknown);
    if (!isUnknown(answer)) this.markKnown(tokenHash);
    return answer;
  }

  /** Of a token that was found or created. */
  markKnown(tokenHash: string): void {
    this.seen.set(tokenHash, true);
  }
}
