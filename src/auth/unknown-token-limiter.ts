import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { IncomingMessage } from 'node:http';
import { Attempts } from '../api/attempts';
import { ClientNetworks } from '../api/client-networks';
import { CONFIG, Config } from '../config/config';

/** The maximum number of unknown tokens and codes a minute from one network. */
const MAX_UNKNOWN = 60;
/** The maximum number of hashes of known tokens in memory: a few megabytes. */
const MAX_SEEN = 20_000;

/**
 * Limits the database lookups of tokens and codes that clients present. An unknown one counts against the client's
 * network, and above the limit the database is not queried. A token that this process has found or created before may
 * always be looked up, so that guesses don't lock out users behind the same address.
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
   * Looks up a token by its hash.
   * @param request the request that presents the token.
   * @param ask the database query.
   * @throws TooManyAttempts without a query when too many unknown tokens came from the client's network.
   */
  async find<Found>(
    tokenHash: string,
    request: IncomingMessage,
    ask: () => Promise<Found | undefined>,
  ): Promise<Found | undefined> {
    return this.ask(tokenHash, request, ask, (found) => found === undefined);
  }

  /**
   * Looks up a token with a query that signals an unknown token in another way than by undefined.
   * @throws TooManyAttempts as find() does.
   */
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

  /** Marks a token that was found or created as known. */
  markKnown(tokenHash: string): void {
    this.seen.set(tokenHash, true);
  }
}
