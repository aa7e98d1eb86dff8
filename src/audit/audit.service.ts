import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { Logger } from 'pino';
import { Repository } from 'typeorm';
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

  /** Records an event. Callers await it before they respond, so that no action is confirmed without a trace. */
  async record(done: Done): Promise<void> {
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
    await this.events.insert(row);
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
    const query = this.events
      .createQueryBuilder('event')
      .where('(event.actorId = :userId OR event.subjectId = :userId)', { userId })
      .orderBy('event.at', 'DESC')
      .addOrderBy('event.id', 'DESC')
      .take(limit);
    if (before !== undefined) {
      const mark = await this.events.findOneBy([
        { id: before, actorId: userId },
        { id: before, subjectId: userId },
      ]);
      if (mark === null) return undefined;
      query.andWhere('(event.at, event.id) < (:at, :id)', { at: mark.at, id: mark.id });
    }
    const found = await query.getMany();
    const emails = await this.emailsOf(found);
    return found.map((event) => {
      const actorEmail = emails.get(event.actorId ?? '') ?? null;
      const subjectEmail = emails.get(event.subjectId ?? '') ?? null;
      const isOthers = event.actorId !== null && event.actorId !== userId;
      // The address and client of somebody else, such as an admin, are not disclosed to the affected user.
      return { ...event, actorEmail, subjectEmail, ...(isOthers && { address: null, client: null }) };
    });
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
