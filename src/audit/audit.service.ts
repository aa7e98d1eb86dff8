import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { Logger } from 'pino';
import { EntityManager, Repository } from 'typeorm';
import { LOGGER } from '../logging/logging.module';
import { AuditAction, AuditDetails, AuditEventEntity } from './audit-event.entity';
import { Origin } from './origin';

/** Who did it: a person by their id, or one of the two that have none. */
type Actor = { readonly userId: string } | 'operator' | 'anonymous';

interface Done {
  readonly action: AuditAction;
  readonly actor: Actor;
  /** Whose account it was done to; without it, the actor's own. */
  readonly subjectId?: string | undefined;
  readonly orgId?: string;
  /** Left out for what no request asked for. */
  readonly origin?: Origin;
  readonly details?: AuditDetails;
}

export interface SeenEvent extends AuditEventEntity {
  /** Of the actor, when it is a person whose account still exists. */
  readonly actorEmail: string | null;
}

/** The audit trail. Each event is a row, and a line of the log beside it for those who collect logs. */
@Injectable()
export class AuditService {
  constructor(
    @InjectRepository(AuditEventEntity) private readonly events: Repository<AuditEventEntity>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Awaited before the answer goes out: nobody hears that something is done that left no trace. */
  async record(done: Done, transaction?: EntityManager): Promise<void> {
    const { action, actor, orgId = null, origin, details = {} } = done;
    const actorId = typeof actor === 'string' ? null : actor.userId;
    const row = {
      id: randomUUID(),
      at: new Date(),
      action,
      actorKind: typeof actor === 'string' ? actor : ('person' as const),
      actorId,
      subjectId: done.subjectId ?? actorId,
      orgId,
      address: origin?.address ?? null,
      client: origin?.client ?? null,
      details,
    };
    await (transaction?.getRepository(AuditEventEntity) ?? this.events).insert(row);
    this.logger.info(
      {
        audit: {
          id: row.id,
          action,
          actor: row.actorKind,
          subject_id: row.subjectId,
          org_id: orgId,
          ...details,
        },
        user_id: actorId ?? undefined,
        address: row.address,
      },
      'audit',
    );
  }

  /**
   * What a person did and what was done to their account, the newest first.
   * @param before the id of an event of theirs, for the page after it; an unknown one gives nothing.
   */
  async ofPerson(userId: string, limit: number, before: string | undefined): Promise<SeenEvent[]> {
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
      if (mark === null) return [];
      query.andWhere('(event.at, event.id) < (:at, :id)', { at: mark.at, id: mark.id });
    }
    const found = await query.getMany();
    const emails = await this.emailsOf(found);
    return found.map((event) => ({ ...event, actorEmail: emails.get(event.actorId ?? '') ?? null }));
  }

  /** By table, not by entity: the trail knows nobody, and everybody knows the trail. */
  private async emailsOf(events: readonly AuditEventEntity[]): Promise<Map<string, string>> {
    const ids = [...new Set(events.flatMap(({ actorId }) => (actorId === null ? [] : [actorId])))];
    if (ids.length === 0) return new Map();
    const rows: { id: string; email: string }[] = await this.events.query(
      'SELECT "id", "email" FROM "users" WHERE "id" = ANY($1)',
      [ids],
    );
    return new Map(rows.map(({ id, email }) => [id, email]));
  }
}
