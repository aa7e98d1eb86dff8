import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { Logger } from 'pino';
import { Repository } from 'typeorm';
import { LOGGER } from '../logging/logging.module';
import { AuditAction, AuditDetails, AuditEventEntity } from './audit-event.entity';
import { ClientInfo } from './client-info';

/** Who did it: a person by their id and, where there is one, by which session; or one of the two that have none. */
type Actor = { readonly userId: string; readonly sessionId?: string } | 'operator' | 'anonymous';

interface Done {
  readonly action: AuditAction;
  readonly actor: Actor;
  /** Whose account it was done to; without it, the actor's own. */
  readonly subjectId?: string | undefined;
  readonly orgId?: string;
  /** Left out for what no request asked for. */
  readonly clientInfo?: ClientInfo;
  readonly details?: AuditDetails;
}

export interface SeenEvent extends AuditEventEntity {
  /** Of the actor, when it is a person whose account still exists. */
  readonly actorEmail: string | null;
  /** Of the person whose account it was done to, when that still exists. */
  readonly subjectEmail: string | null;
}

/** The audit trail. Each event is a row, and a line of the log beside it, by ids alone, for those who collect logs. */
@Injectable()
export class AuditService {
  private readonly logger: Logger;

  constructor(
    @InjectRepository(AuditEventEntity) private readonly events: Repository<AuditEventEntity>,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.logger = logger.child({}, { level: 'info' }); // whatever LOG_LEVEL is
  }

  /** Awaited before the answer goes out: nobody hears that something is done that left no trace. */
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
   * What a person did and what was done to their account, the newest first.
   * @param before the id of an event of theirs, for the page after it.
   * @returns undefined when `before` is none of theirs, or has gone since.
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
      // Where an admin sits is not for the person to know whom they let in.
      return { ...event, actorEmail, subjectEmail, ...(isOthers && { address: null, client: null }) };
    });
  }

  /** By table, not by entity: the trail knows nobody, and everybody knows the trail. */
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
