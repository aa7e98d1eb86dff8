import { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, Config } from '../config/config';
import { Exchange } from '../exchange/exchange';
import { timeOf } from '../exchange/time-of';
import { agentSessionOf } from '../metering/agent-session';
import { applicableLimits, AppliedLimit } from './applicable-limits';
import { CallEstimates, EstimatedCall, sessionKey } from './call-estimates';
import { readCallHead } from './call-head';
import { LimitedCallLine } from './limited-call';
import { LimitRefusal } from './limit-refusal';
import { isModelAllowed } from './model-patterns';
import { OrgLimitsService } from './org-limits.service';
import { periodAt } from './period';
import { Quota } from './quota';
import { LimitsUnsureError, Quotas } from './quotas';
import { Reservations } from './reservations';
import { spendKeyOf } from './spend-key';

/** The first bytes of a request's body. */
interface FirstBytes {
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

const NONE: readonly AppliedLimit[] = [];

/** Admits calls within the limits of their organization. */
@Injectable()
export class CallLimitsService {
  constructor(
    private readonly orgLimits: OrgLimitsService,
    private readonly estimates: CallEstimates,
    private readonly quotas: Quotas,
    private readonly reservations: Reservations,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Finds the limits that apply to a call whose caller and key are known. */
  async of(exchange: Exchange): Promise<readonly AppliedLimit[] | 'unsure'> {
    const { orgId, caller, proxyTokenId, keySource } = exchange;
    if (orgId === undefined || caller === undefined) return NONE;
    const limits = await this.orgLimits.of(orgId).catch(() => undefined);
    if (limits === undefined) return this.config.limitsWhenUnsure === 'refuse' ? 'unsure' : NONE;
    if (limits.length === 0) return NONE;
    const call = { userId: caller.userId, proxyTokenId, isOnOwnKey: keySource === 'own', at: Date.now() };
    return applicableLimits(limits, call);
  }

  /**
   * Reserves what a call may use of its limits. The reservation becomes what the ledger says when the call has ended.
   * @returns why the call is refused, in which case nothing stays reserved; undefined when it is admitted.
   */
  async admit(
    exchange: Exchange,
    applied: readonly AppliedLimit[],
    line: LimitedCallLine,
    head: FirstBytes | undefined,
  ): Promise<LimitRefusal | undefined> {
    const call = await describe(exchange, line, head);
    for (const one of applied) {
      const refusal = await this.reserve(exchange, one, call);
      if (refusal === undefined && !exchange.hasEnded) continue;
      this.reservations.cancel(exchange.id);
      return refusal;
    }
    return undefined;
  }

  private reserve(
    exchange: Exchange,
    applied: AppliedLimit,
    call: EstimatedCall,
  ): Promise<LimitRefusal | undefined> {
    switch (applied.limit.kind) {
      case 'models':
        return Promise.resolve(checkModel(applied, call));
      case 'rate':
        return this.reserveRate(exchange, applied, call);
      case 'spend':
        return this.reserveMoney(exchange, applied, call);
    }
  }

  private async reserveMoney(
    exchange: Exchange,
    applied: AppliedLimit,
    call: EstimatedCall,
  ): Promise<LimitRefusal | undefined> {
    const { limit } = applied;
    const key = spendKeyOf(applied, call.at.getTime());
    if (limit.amountNanoUsd === null || key === undefined) return undefined;
    const amount = Number(limit.amountNanoUsd);
    const quota = this.quotas.get(key, amount);
    const estimate = this.estimates.nanoUsd(call, limit.estimate);
    const taken = await this.take(exchange, quota, Math.max(1, estimate)); // an amount of 0 admits nothing
    if (taken === 'unsure') return { kind: 'unsure' };
    if (taken === 'held') return undefined;
    const { facts, held } = quota;
    const reserved = facts.grantedToOthers + held;
    return { kind: 'spend', limit, period: key.period, amount, spent: facts.spent, reserved, estimate };
  }

  private async reserveRate(
    exchange: Exchange,
    { limit, subjectId }: AppliedLimit,
    call: EstimatedCall,
  ): Promise<LimitRefusal | undefined> {
    const period = periodAt('minute', Date.now());
    const measures = [
      ['requests', limit.requestsPerMinute, 1],
      ['tokens', limit.tokensPerMinute, this.estimates.tokens(call)],
    ] as const;
    for (const [measure, perMinute, need] of measures) {
      if (perMinute === null) continue;
      const amount = Number(perMinute);
      const key = { limitId: limit.id, orgId: limit.orgId, subjectId, measure, period, countsOwnKeys: true };
      // A call that is larger than all of a minute would never be admitted.
      const taken = await this.take(
        exchange,
        this.quotas.get(key, amount),
        Math.min(need, Math.max(1, amount)),
      );
      if (taken === 'unsure') return { kind: 'unsure' };
      if (taken === 'refused') return { kind: 'rate', limit, period, measure, amount };
    }
    return undefined;
  }

  private async take(exchange: Exchange, quota: Quota, need: number): Promise<'held' | 'refused' | 'unsure'> {
    try {
      if (!(await this.quotas.take(quota, need))) return 'refused';
    } catch (error) {
      if (!(error instanceof LimitsUnsureError)) throw error;
      if (this.config.limitsWhenUnsure === 'refuse') return 'unsure';
      quota.hold(need);
    }
    exchange.isCounted = true;
    this.reservations.add(exchange.id, quota, need);
    return 'held';
  }
}

/** Describes a call by what its request says so far. */
async function describe(
  { request, caller, startedAt }: Exchange,
  { provider, model, hasOutput }: LimitedCallLine,
  head: FirstBytes | undefined,
): Promise<EstimatedCall> {
  const { headers } = request;
  const coding = headers['content-encoding'];
  const known = head && (await readCallHead(head.bytes, head.isWhole, coding));
  const { sessionId } = agentSessionOf(headers, provider);
  return {
    provider,
    model: model ?? known?.model,
    requestBytes: head === undefined ? 0 : (known?.bytes ?? declaredLength(headers, coding)),
    maxOutputTokens: known?.maxOutputTokens,
    hasOutput,
    session: sessionId === null || caller === undefined ? undefined : sessionKey(caller.userId, sessionId),
    // As the ledger computes it, so that the call is reserved in the period in which it counts.
    at: timeOf(startedAt),
  };
}

/** Returns the length of a body that is not compressed; undefined if its headers do not say. */
function declaredLength(headers: IncomingHttpHeaders, coding: string | undefined): number | undefined {
  const length = headers['content-length'];
  return length === undefined || coding !== undefined ? undefined : Number(length);
}

function checkModel({ limit }: AppliedLimit, { model }: EstimatedCall): LimitRefusal | undefined {
  if (model !== undefined && isModelAllowed(model, limit.allow ?? [])) return undefined;
  return { kind: 'model', limit, model };
}
