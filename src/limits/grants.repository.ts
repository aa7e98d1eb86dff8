import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Quota, QuotaFacts, QuotaKey } from './quota';

/** How long others take a grant of money for valid that is not renewed, in seconds. Rates count what has been granted. */
const VALID_SECONDS = 30;

/** What a limit's other processes hold and what the ledger says was spent; the columns of `quota` come before. */
const FACTS = `
  coalesce((SELECT sum("granted") FROM "limit_grants" AS "other"
    WHERE "other"."limit_id" = "quota"."limit_id" AND "other"."subject_id" = "quota"."subject_id"
      AND "other"."period_start" = "quota"."period_start" AND "other"."measure" = "quota"."measure"
      AND "other"."process_id" <> $1
      AND ("quota"."measure" <> 'spend' OR "other"."renewed_at" > clock_timestamp() - interval '${VALID_SECONDS} s')), 0)::text
    AS "granted_to_others",
  coalesce((SELECT sum("held") FROM "limit_grants" AS "any"
    WHERE "any"."limit_id" = "quota"."limit_id" AND "any"."subject_id" = "quota"."subject_id"
      AND "any"."period_start" = "quota"."period_start" AND "any"."measure" = "quota"."measure"
      AND "any"."renewed_at" > clock_timestamp() - interval '${VALID_SECONDS} s'), 0)::text AS "held",
  coalesce((SELECT sum("shared_nano_usd" + CASE WHEN "quota"."counts_own" THEN "own_nano_usd" ELSE 0 END)
    FROM "spend_daily" WHERE "quota"."measure" = 'spend'
      AND "org_id" = "quota"."org_id" AND "spend_daily"."subject_id" = "quota"."subject_id"
      AND "day" >= ("quota"."period_start" AT TIME ZONE 'UTC')::date
      AND "day" < ("quota"."period_end" AT TIME ZONE 'UTC')::date), 0)::text AS "spent"`;

/** The quotas of the parameter $2, a JSON array. */
const QUOTAS = `jsonb_to_recordset($2::jsonb) AS "quota"("index" int, "limit_id" uuid, "org_id" uuid, "subject_id" uuid,
  "period_start" timestamptz, "period_end" timestamptz, "measure" text, "counts_own" boolean, "granted" bigint, "held" bigint)`;

const UPSERT = `
  INSERT INTO "limit_grants" ("limit_id", "subject_id", "period_start", "measure", "process_id", "granted", "held", "renewed_at")
  SELECT "limit_id", "quota"."subject_id", "period_start", "measure", $1, "granted", "held", clock_timestamp()
    FROM ${QUOTAS} JOIN "limits" ON "limits"."id" = "limit_id" ORDER BY 1, 2, 3, 4
  ON CONFLICT ("limit_id", "subject_id", "period_start", "measure", "process_id")
    DO UPDATE SET "granted" = excluded."granted", "held" = excluded."held", "renewed_at" = excluded."renewed_at"`;

const SELECT_FACTS = `SELECT "index", ${FACTS} FROM ${QUOTAS}`;

interface FactsRow {
  readonly index: number;
  readonly granted_to_others: string;
  readonly held: string;
  readonly spent: string;
}

/** What is used of a quota: what the ledger says was spent, and what open calls of all processes hold. */
export interface QuotaUse {
  readonly spent: number;
  readonly held: number;
}

/** Stores what this process may spend of each limit. */
@Injectable()
export class GrantsRepository {
  private readonly processId = randomUUID();

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Has the database grant a quota what further calls need, as far as it is left. All processes that want something of the same
   * limit wait for each other, so that what is granted and what was spent never exceed it together.
   */
  async grant(quota: Quota, need: number): Promise<void> {
    const { granted, settled, facts } = await this.dataSource.transaction(async (transaction) => {
      await transaction.query(`SELECT 1 FROM "limits" WHERE "id" = $1 FOR NO KEY UPDATE`, [
        quota.key.limitId,
      ]);
      const [row] = await transaction.query<FactsRow[]>(SELECT_FACTS, [
        this.processId,
        parameter([{ key: quota.key, granted: 0, held: 0 }]),
      ]);
      if (row === undefined) throw new Error('There is no such quota');
      const facts = factsOf(row);
      const granted = quota.wanted(need, facts);
      const settled = quota.settled;
      await transaction.query(UPSERT, [
        this.processId,
        parameter([{ key: quota.key, granted, held: Math.min(granted, quota.held + need) }]),
      ]);
      return { granted, settled, facts };
    });
    quota.renew({ granted, settled }, facts, performance.now());
  }

  /** Tells the others what this process still holds, which is never more than before, and learns what they hold. */
  async renew(quotas: readonly Quota[]): Promise<void> {
    const now = performance.now();
    const kept = quotas.map((quota) => ({ key: quota.key, granted: quota.shrink(now), held: quota.held }));
    const values = [this.processId, parameter(kept)];
    await this.dataSource.query(UPSERT, values);
    const rows = await this.dataSource.query<FactsRow[]>(SELECT_FACTS, values);
    for (const row of rows) quotas[row.index]?.confirm(factsOf(row), now);
  }

  /** Returns what is used of each of these quotas, in one query. */
  async used(keys: readonly QuotaKey[]): Promise<ReadonlyMap<QuotaKey, QuotaUse>> {
    if (keys.length === 0) return new Map();
    const rows = await this.dataSource.query<FactsRow[]>(SELECT_FACTS, [
      this.processId,
      parameter(keys.map((key) => ({ key, granted: 0, held: 0 }))),
    ]);
    return new Map(
      rows.flatMap(({ index, spent, held }) => {
        const key = keys[index];
        return key === undefined ? [] : [[key, { spent: Number(spent), held: Number(held) }]];
      }),
    );
  }

  /** Gives back everything of quotas that are not used any more. */
  async release(quotas: readonly Quota[]): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM "limit_grants" USING ${QUOTAS}
        WHERE "limit_grants"."process_id" = $1 AND "limit_grants"."limit_id" = "quota"."limit_id"
          AND "limit_grants"."subject_id" = "quota"."subject_id" AND "limit_grants"."measure" = "quota"."measure"
          AND "limit_grants"."period_start" = "quota"."period_start"`,
      [this.processId, parameter(quotas.map(({ key }) => ({ key, granted: 0, held: 0 })))],
    );
  }
}

/** What this process holds of a quota. */
interface Held {
  readonly key: QuotaKey;
  readonly granted: number;
  readonly held: number;
}

function parameter(quotas: readonly Held[]): string {
  return JSON.stringify(
    quotas.map(
      ({ key: { limitId, orgId, subjectId, measure, period, countsOwnKeys }, granted, held }, index) => ({
        index,
        limit_id: limitId,
        org_id: orgId,
        subject_id: subjectId,
        period_start: new Date(period.start).toISOString(),
        period_end: new Date(period.end).toISOString(),
        measure,
        counts_own: countsOwnKeys,
        granted: Math.max(0, Math.round(granted)),
        held: Math.max(0, Math.round(held)),
      }),
    ),
  );
}

function factsOf({ granted_to_others, spent }: FactsRow): QuotaFacts {
  return { grantedToOthers: Number(granted_to_others), spent: Number(spent) };
}
