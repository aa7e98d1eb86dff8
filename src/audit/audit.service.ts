import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { Logger } from 'pino';
import { EntityManager, Repository } from 'typeorm';
import { LOGGER } from '../logging/logging.module';
import { AuditAction, AuditDetails, AuditEventEntity } from './audit-event.entity';
import { ClientInfo } from './client-info';

/** The actor of an event: a user, with the session if there is one, or one of the two kinds without an account. */
type Actor = { readonly userId: string; readonly sessionId?: string } | 'operator' | 'anonymous';

interface Done {
  readonly action: AuditAction;
  readonly actor: Actor;
  /** The id of the user whose account was affected; by default the actor. */
  readonly subjectId?: string | undefined;
  readonly orgId?: string;
  /** Where the request came from; omitted for an action that no request caused. */
  readonly clientInfo?: ClientInfo;
  readonly details?: AuditDetails;
}

export interface SeenEvent extends AuditEventEntity {
  /** The email of the actor, if it is a user whose account still exists. */
  readonly actorEmail: string | null;
  /** The email of the user whose account was affected, if it still exists. */
  readonly subjectEmail: string | null;
}

/** Which events are a user's, and which are an organization's. */
const OF_PERSON = '(event.actorId = :whose OR event.subjectId = :whose)';
const OF_ORG = 'event.orgId = :whose';
const INSERT_EVENT = `
  WITH "event" AS (
    INSERT INTO "audit_events" ("id", "at", "action", "actor_kind", "actor_id", "subject_id", "org_id", "address", "client", "details")
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb) RETURNING "id", "at"
  )
  INSERT INTO "seal_queue" ("at", "kind", "subject_id") SELECT "at", 'audit_event', "id"::text FROM "event"`;
/** The number of events that are read at a time when all are. */
const PAGE = 500;

/** The audit trail. Each event is a row, and also a line in the log, with ids only, for log collectors. */
@Injectable()
export class AuditService {
  private readonly logger: Logger;

  constructor(
    @InjectRepository(AuditEventEntity) private readonly events: Repository<AuditEventEntity>,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.logger = logger.child({}, { level: 'info' }); // independent of LOG_LEVEL
  }

  /**
   * Records an event. Callers await it before they respond, so that no action is confirmed without a trace.
   * @param manager that of a transaction which the event belongs to.
   */
  async record(done: Done, manager: EntityManager = this.events.manager): Promise<void> {
    const { action, actor, orgId = null, clientInfo } = done;
    const { userId: actorId = null, sessionId } = typeof actor === 'string' ? {} : actor;
    const details = { ...done.details, ...(sessionId !== undefined && { via_session: sessionId }) };
    const row = {
      id: randomUUID(),
      at: new Date(),
      action,
      actorKind: typeof actor === 'string' ? actor : ('person' as const),
      actorId,
      subjectId: done.subjectId ?? actorId,
      orgId,
      address: clientInfo?.address ?? null,
      client: clientInfo?.client ?? null,
      details,
    };
    await insert(manager, row);
    const { id, actorKind, subjectId, address } = row;
    const audit = { id, action, actor: actorKind, subject_id: subjectId, org_id: orgId };
    this.logger.info({ audit, user_id: actorId ?? undefined, address }, 'audit');
  }

  /**
   * Returns what a user did and what was done to their account, newest first.
   * @param before the id of an event of this user; the page after it is returned.
   * @returns undefined when `before` is not an event of this user, or no longer exists.
   */
  async ofPerson(
    userId: string,
    limit: number,
    before: string | undefined,
  ): Promise<SeenEvent[] | undefined> {
    const events = await this.page(OF_PERSON, userId, limit, before);
    return events?.map((event) => {
      const isOthers = event.actorId !== null && event.actorId !== userId;
      // The address and client of somebody else, such as an admin, are not disclosed to the affected user.
      return { ...event, ...(isOthers && { address: null, client: null }) };
    });
  }

  /**
   * Returns what was done in an organization, newest first.
   * @param before the id of an event of this organization; the page after it is returned.
   * @returns undefined when `before` is not an event of this organization, or no longer exists.
   */
  ofOrg(orgId: string, limit: number, before: string | undefined): Promise<SeenEvent[] | undefined> {
    return this.page(OF_ORG, orgId, limit, before);
  }

  /** Returns all that was done in an organization, newest first and page by page. */
  async *pagesOfOrg(orgId: string): AsyncGenerator<SeenEvent[]> {
    for (let page = await this.ofOrg(orgId, PAGE, undefined); page?.length !== 0;) {
      if (page === undefined) throw new Error('The events of the last page were deleted meanwhile');
      yield page;
      page = await this.ofOrg(orgId, PAGE, page.at(-1)?.id);
    }
  }

  private async page(
    condition: string,
    whose: string,
    limit: number,
    before: string | undefined,
  ): Promise<SeenEvent[] | undefined> {
    const matching = () => this.events.createQueryBuilder('event').where(condition, { whose });
    const query = matching().orderBy('event.at', 'DESC').addOrderBy('event.id', 'DESC').take(limit);
    if (before !== undefined) {
      const mark = await matching().andWhere('event.id = :before', { before }).getOne();
      if (mark === null) return undefined;
      query.andWhere('(event.at, event.id) < (:at, :id)', { at: mark.at, id: mark.id });
    }
    const found = await query.getMany();
    const emails = await this.emailsOf(found);
    return found.map((event) => ({
      ...event,
      actorEmail: emails.get(event.actorId ?? '') ?? null,
      subjectEmail: emails.get(event.subjectId ?? '') ?? null,
    }));
  }

  /**
   * Returns the emails of the users in these events. It queries the table by name, because this room must not depend on
   * the room of the entity.
   */
  private async emailsOf(events: readonly AuditEventEntity[]): Promise<Map<string, string>> {
    const named = events.flatMap(({ actorId, subjectId }) => [actorId, subjectId]);
    const ids = [...new Set(named.filter((id) => id !== null))];
    if (ids.length === 0) return new Map();
    const rows: { id: string; email: string }[] = await this.events.query(
      'SELECT "id", "email" FROM "users" WHERE "id" = ANY($1)',
      [ids],
    );
    return new Map(rows.map(({ id, email }) => [id, email]));
  }
}

/** Inserts an event, and puts it into the queue of what is to be sealed, by name: no room that seals is known here. */
async function insert(manager: EntityManager, row: AuditEventEntity): Promise<void> {
  await manager.query(INSERT_EVENT, [
    ...[row.id, row.at, row.action, row.actorKind, row.actorId, row.subjectId, row.orgId],
    ...[row.address, row.client, JSON.stringify(row.details)],
  ]);
}
