import { Injectable } from '@nestjs/common';
import { Cursor } from '../api/cursor';
import { AgentSessionEntity } from '../metering/agent-session.entity';
import { Whose } from '../metering/usage.service';
import { MemberNamesService } from '../orgs/member-names.service';
import { wordsOfClient } from './client-words';
import { OwnTitlesService } from './own-titles.service';
import { SearchWords } from './search-words';
import { placeOf, SessionPage, TraceFilter, TracesService } from './traces.service';

/** The maximum number of sessions that are looked through for one page. */
const MAX_LOOKED_THROUGH = 1_000;

/** The number of sessions that are looked through at once. */
const BATCH = 200;

/**
 * Finds traces by words. Titles are encrypted, each under the key of its session, so that no index can hold them: sessions are
 * opened and looked through, those with the latest calls first, and not without end.
 */
@Injectable()
export class TraceSearchService {
  constructor(
    private readonly traces: TracesService,
    private readonly titles: OwnTitlesService,
    private readonly memberNames: MemberNamesService,
  ) {}

  /**
   * Finds the sessions that have some words in the title, if it is one's own, the client, the models, the session's id or, among
   * those of several people, the person's name or email.
   * @param limit the maximum number of sessions. There may be fewer, and still a place where the search goes on.
   */
  async find(
    whose: Whose,
    filter: TraceFilter,
    words: SearchWords,
    { limit, after }: { readonly limit: number; readonly after?: Cursor | undefined },
  ): Promise<SessionPage> {
    const found: AgentSessionEntity[] = [];
    let place = after;
    for (let looked = 0; looked < MAX_LOOKED_THROUGH; looked += BATCH) {
      const { sessions, next } = await this.traces.list(whose, filter, { limit: BATCH, after: place });
      const textsOf = await this.textsFor(whose, sessions);
      for (const [at, session] of sessions.entries()) {
        if (!words.areIn(textsOf(session))) continue;
        found.push(session);
        if (found.length < limit) continue;
        const isLast = at === sessions.length - 1;
        return { sessions: found, next: isLast ? next : placeOf(session) };
      }
      if (next === undefined) return { sessions: found, next };
      place = next;
    }
    return { sessions: found, next: place };
  }

  /** Returns the function that says what a session is found by. */
  private async textsFor(
    whose: Whose,
    sessions: readonly AgentSessionEntity[],
  ): Promise<(session: AgentSessionEntity) => (string | undefined)[]> {
    const titles = await this.titles.of(
      whose,
      sessions.map(({ id }) => id),
    );
    const people =
      whose.userId === undefined && whose.orgId !== undefined
        ? await this.memberNames.of(whose.orgId, new Set(sessions.map(({ userId }) => userId)))
        : undefined;
    return ({ id, userId, sessionId, client, clientKind, models }) => {
      const person = people?.get(userId);
      const ofPerson = [person?.name ?? undefined, person?.email];
      return [titles.get(id), ...ofPerson, sessionId, wordsOfClient(client), clientKind, ...models];
    };
  }
}
