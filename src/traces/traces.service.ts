import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, SelectQueryBuilder } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { Cursor } from '../api/cursor';
import { AgentSessionEntity } from '../metering/agent-session.entity';
import { CallEntity } from '../metering/call.entity';
import { clientKindOf } from '../metering/client-kind';
import { Whose } from '../metering/usage.service';
import { Agent, agentsOf } from './agent-tree';

/** A session, and how many subagents it has. */
export interface Trace {
  readonly session: AgentSessionEntity;
  readonly subagents: number;
}

/** A session with its agents and their calls. */
export interface TraceTree {
  readonly session: AgentSessionEntity;
  readonly agents: readonly Agent<CallEntity>[];
  readonly hasMoreCalls: boolean;
}

/** A page of sessions. */
export interface SessionPage {
  readonly sessions: readonly AgentSessionEntity[];
  /** Where the next page begins; undefined behind the last one. */
  readonly next: Cursor | undefined;
}

/** Which traces are listed. */
export interface TraceFilter {
  readonly clientKind?: string | undefined;
  readonly model?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly personId?: string | undefined;
}

/** The maximum number of calls in a tree. */
const MAX_CALLS = 5_000;

/** Matches the calls of a session, of which the ledger has an index by user and time. */
const OF_SESSION = `"call"."user_id" = "session"."user_id" AND "call"."at" BETWEEN "session"."begun_at" AND "session"."last_at"
  AND "call"."agent_session_id" = "session"."session_id" AND "call"."org_id" IS NOT DISTINCT FROM "session"."org_id"
  AND ${clientKindOf('"call"."client"')} = "session"."client_kind"`;

/** Returns the place behind a session in lists. */
export function placeOf({ lastAt, id }: AgentSessionEntity): Cursor {
  return { at: lastAt.toISOString(), id };
}

/** What agents did in their sessions, as the ledger knows it: which agent called which model when, what it used and cost. */
@Injectable()
export class TracesService {
  constructor(
    @InjectRepository(AgentSessionEntity) private readonly sessions: Repository<AgentSessionEntity>,
    @InjectRepository(CallEntity) private readonly calls: Repository<CallEntity>,
  ) {}

  /**
   * Lists sessions, those with the latest calls first.
   * @param limit the maximum number of sessions.
   */
  async list(
    whose: Whose,
    filter: TraceFilter,
    { limit, after }: { readonly limit: number; readonly after?: Cursor | undefined },
  ): Promise<SessionPage> {
    const query = this.of(whose);
    const { clientKind, model, sessionId, personId } = filter;
    if (clientKind !== undefined) query.andWhere('session.client_kind = :clientKind', { clientKind });
    if (model !== undefined) query.andWhere(':model = ANY(session.models)', { model });
    if (sessionId !== undefined) query.andWhere('session.session_id = :sessionId', { sessionId });
    if (personId !== undefined) query.andWhere('session.user_id = :personId', { personId });
    if (after !== undefined)
      query.andWhere('(session.last_at, session.id) < (:lastAt::timestamptz, :id::uuid)', {
        lastAt: after.at,
        id: after.id,
      });
    query
      .orderBy('session.last_at', 'DESC')
      .addOrderBy('session.id', 'DESC')
      .limit(limit + 1);
    const found = await query.getMany();
    const sessions = found.slice(0, limit);
    const last = sessions.at(-1);
    return { sessions, next: found.length > limit && last !== undefined ? placeOf(last) : undefined };
  }

  /** Returns each session with the number of its subagents. */
  async withSubagents(sessions: readonly AgentSessionEntity[]): Promise<Trace[]> {
    const subagents = await this.countSubagents(sessions.map(({ id }) => id));
    return sessions.map((session) => ({ session, subagents: subagents.get(session.id) ?? 0 }));
  }

  /** @throws ApiException (trace_not_found) */
  async tree(whose: Whose, id: string): Promise<TraceTree> {
    const session = await this.session(whose, id);
    const calls = await this.callsOf(id)
      .orderBy('call.at')
      .addOrderBy('call.id')
      .limit(MAX_CALLS + 1)
      .getMany();
    const listed = calls.slice(0, MAX_CALLS);
    return { session, agents: agentsOf(listed), hasMoreCalls: calls.length > MAX_CALLS };
  }

  /**
   * Finds a call of a trace.
   * @throws ApiException (trace_not_found, call_not_found)
   */
  async call(
    whose: Whose,
    id: string,
    callId: string,
  ): Promise<{ readonly session: AgentSessionEntity; readonly call: CallEntity }> {
    const session = await this.session(whose, id);
    const call = await this.callsOf(id).andWhere('call.id = :callId', { callId }).getOne();
    if (call === null) throw new ApiException('call_not_found', 'The trace has no such call.');
    return { session, call };
  }

  /** Returns the calls that the same agent made to the same endpoint before one, the latest first. */
  callsBefore(
    traceId: string,
    { id, at, agentId, endpoint }: CallEntity,
    limit: number,
  ): Promise<CallEntity[]> {
    return this.callsOf(traceId)
      .andWhere('call.agent_id IS NOT DISTINCT FROM :agentId AND call.endpoint = :endpoint', {
        agentId,
        endpoint,
      })
      .andWhere('(call.at, call.id) < (:at::timestamptz, :callId)', { at, callId: id })
      .orderBy('call.at', 'DESC')
      .addOrderBy('call.id', 'DESC')
      .limit(limit)
      .getMany();
  }

  /** @throws ApiException (trace_not_found) */
  async session(whose: Whose, id: string): Promise<AgentSessionEntity> {
    const session = await this.of(whose).andWhere('session.id = :id', { id }).getOne();
    if (session === null)
      throw new ApiException('trace_not_found', 'There is no such trace, or it is not yours to see.');
    return session;
  }

  private callsOf(traceId: string): SelectQueryBuilder<CallEntity> {
    return this.calls
      .createQueryBuilder('call')
      .innerJoin(AgentSessionEntity, 'session', OF_SESSION)
      .where('session.id = :traceId', { traceId });
  }

  private async countSubagents(ids: readonly string[]): Promise<Map<string, number>> {
    if (ids.length === 0) return new Map();
    const rows = await this.sessions.query<{ id: string; subagents: number }[]>(
      `SELECT "session"."id", count(DISTINCT "call"."agent_id")::int AS "subagents"
         FROM "agent_sessions" AS "session" JOIN "calls" AS "call" ON ${OF_SESSION}
        WHERE "session"."id" = ANY($1) GROUP BY 1`,
      [ids],
    );
    return new Map(rows.map(({ id, subagents }) => [id, subagents]));
  }

  private of({ userId, orgId }: Whose): SelectQueryBuilder<AgentSessionEntity> {
    const query = this.sessions.createQueryBuilder('session').where('true');
    if (userId !== undefined) query.andWhere('session.user_id = :userId', { userId });
    if (orgId !== undefined) query.andWhere('session.org_id = :orgId', { orgId });
    return query;
  }
}
