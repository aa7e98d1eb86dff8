import { Measure } from './limit-grant.entity';
import { PeriodRange } from './period';

/** What a quota counts: a limit's amount of one measure in one period, for one subject. */
export interface QuotaKey {
  readonly limitId: string;
  readonly orgId: string;
  readonly subjectId: string;
  readonly measure: Measure;
  readonly period: PeriodRange;
  /** Whether what callers spend with keys of their own counts as well. */
  readonly countsOwnKeys: boolean;
}

/** What the database said about a quota when it was asked last. */
export interface QuotaFacts {
  /** What the ledger says was spent. */
  readonly spent: number;
  /** What other processes may spend. */
  readonly grantedToOthers: number;
}

/** How long a grant may be used without being renewed, in milliseconds: shorter than the others take it for valid. */
const LEASE_MS = 20_000;
/** The part of what is left that a process takes in advance. */
const ADVANCE = 8;
/** The part of what is left that a process may keep without using it. */
const IDLE = 4;

/**
 * The part of a limit that this process may spend without asking the database. What is granted to all processes together,
 * and what was spent, never exceeds the limit.
 */
export class Quota {
  /** What the database has granted to this process. */
  granted = 0;
  /** What open calls, and ended ones that the ledger does not hold yet, have taken of it. */
  held = 0;
  /** What has been settled since the start. */
  settled = 0;
  facts: QuotaFacts = { spent: 0, grantedToOthers: 0 };
  private renewedAt = -Infinity;
  private changedAt = performance.now();

  constructor(
    readonly key: QuotaKey,
    /** The limit's amount in this period. */
    public amount: number,
  ) {}

  /** What can be spent by further calls without asking the database. */
  freeAt(now: number): number {
    return now - this.renewedAt < LEASE_MS ? Math.max(0, this.granted - this.held) : 0;
  }

  /** What nobody has spent or may spend, by the last answer of the database. */
  get left(): number {
    return this.amount - this.facts.spent - this.facts.grantedToOthers - this.granted;
  }

  /** Computes what to be granted for calls that need `need`, with something in advance where much is left. */
  wanted(need: number, { spent, grantedToOthers }: QuotaFacts): number {
    const available = this.amount - spent - grantedToOthers - this.held;
    if (available < need) return this.held + Math.max(0, available);
    return this.held + need + Math.floor((available - need) / ADVANCE);
  }

  /** Takes a part of what is free for a call. */
  hold(amount: number): void {
    this.held += amount;
    this.changedAt = performance.now();
  }

  /** Gives back what a call has not used: it is free again. */
  unhold(amount: number): void {
    this.held -= amount;
    this.changedAt = performance.now();
  }

  /** Gives up what a call has used when the ledger holds it: from then on it counts as spent, and no longer as granted. */
  settle(amount: number): void {
    this.held -= amount;
    this.granted -= amount;
    this.settled += amount;
    this.changedAt = performance.now();
  }

  /**
   * Gives up what is neither used nor needed soon, before the others are told: all that calls hold is kept, and of the rest no
   * more than a part of what the others could want.
   * @returns what is kept.
   */
  shrink(now: number): number {
    const idle = Math.min(this.freeAt(now), Math.max(0, Math.floor(this.left / IDLE)));
    this.granted = this.held + idle;
    return this.granted;
  }

  /** Takes over what the database has granted. `settled` is what was settled when that was computed. */
  renew(
    { granted, settled }: { readonly granted: number; readonly settled: number },
    facts: QuotaFacts,
    now: number,
  ): void {
    this.granted = granted - (this.settled - settled);
    this.confirm(facts, now);
  }

  /** Notes that the others know what this process holds. */
  confirm(facts: QuotaFacts, now: number): void {
    this.facts = facts;
    this.renewedAt = now;
  }

  /** Changes the limit's amount, at once: nothing that was granted before counts beyond what calls hold. */
  changeTo(amount: number): void {
    if (amount === this.amount) return;
    this.amount = amount;
    this.renewedAt = -Infinity;
  }

  /** Whether the others have to be told of changes, or that this process is still there. */
  isDue(now: number, maxAgeMs: number): boolean {
    return this.changedAt > this.renewedAt || now - this.renewedAt > maxAgeMs;
  }

  /** Whether no call holds anything and none has for a while; at the end of the period none ever will. */
  isUnused(now: number, idleMs: number, hasEnded: boolean): boolean {
    return this.held === 0 && (hasEnded || now - this.changedAt > idleMs);
  }
}
