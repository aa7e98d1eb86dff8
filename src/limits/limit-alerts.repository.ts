import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { usdOf } from '../metering/decimal';
import { DueAlert } from './due-alert';
import { QuotaKey } from './quota';
import { SpendLevel } from './spend-levels';

/** A level that was reached, as far as a process has noticed. Amounts are in billionths of a US dollar. */
export interface ReachedLevel {
  readonly key: QuotaKey;
  readonly amount: number;
  readonly spent: number;
  readonly percent: SpendLevel;
}

/** The levels of the parameter $1, a JSON array; each is inserted once, whoever else has noticed it. */
const CLAIM = `
  INSERT INTO "limit_alerts" ("limit_id", "subject_id", "period_start", "period_end", "amount_nano_usd", "percent",
    "spent_nano_usd", "reached_at", "next_attempt_at")
  SELECT "limit_id", "level"."subject_id", "period_start", "period_end", "amount", "percent", "spent", clock_timestamp(),
         CASE WHEN $2::boolean THEN clock_timestamp() END
    FROM jsonb_to_recordset($1::jsonb) AS "level"("limit_id" uuid, "subject_id" uuid, "period_start" timestamptz,
      "period_end" timestamptz, "amount" bigint, "percent" smallint, "spent" bigint)
    JOIN "limits" ON "limits"."id" = "limit_id"
   ORDER BY 1, 2, 3, 5, 6
  ON CONFLICT ("limit_id", "subject_id", "period_start", "amount_nano_usd", "percent") DO NOTHING
  RETURNING "percent"`;

/**
 * Takes the alert that has waited longest. Nobody else takes it until it would have to be tried again, so that a process that
 * is killed meanwhile loses none. $1 are the times until then, in milliseconds, one for each further try.
 */
const TAKE = `
  WITH "taken" AS (
    UPDATE "limit_alerts"
       SET "attempts" = "attempts" + 1,
           "next_attempt_at" = clock_timestamp() + ($1::float8[])["attempts" + 1] * interval '1 millisecond'
     WHERE "id" = (SELECT "id" FROM "limit_alerts" WHERE "next_attempt_at" <= clock_timestamp()
                    ORDER BY "next_attempt_at", "percent" LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING *)
  SELECT "taken"."id", "percent", "reached_at" AS "reachedAt", "limit_id" AS "limitId", "scope", "period",
         "period_start" AS "periodStart", "period_end" AS "periodEnd", "taken"."amount_nano_usd"::text AS "amount",
         "spent_nano_usd"::text AS "spent", "orgs"."name" AS "org", "taken"."subject_id" AS "subjectId", "email",
         "proxy_tokens"."name" AS "token", "next_attempt_at" IS NULL AS "isLast"
    FROM "taken" JOIN "limits" ON "limits"."id" = "limit_id" JOIN "orgs" ON "orgs"."id" = "limits"."org_id"
    LEFT JOIN "users" ON "users"."id" = "taken"."subject_id"
    LEFT JOIN "proxy_tokens" ON "proxy_tokens"."id" = "taken"."subject_id"`;

type TakenRow = Omit<DueAlert, 'amountUsd' | 'spentUsd'> & {
  readonly amount: string;
  readonly spent: string;
};

/** Stores which levels of limits were reached, and which of them have to be told. */
@Injectable()
export class LimitAlertsRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Records levels that were reached.
   * @param hasToBeTold whether there is a webhook to be called.
   * @returns those that no process had recorded before.
   */
  async claim(levels: readonly ReachedLevel[], hasToBeTold: boolean): Promise<SpendLevel[]> {
    const rows = levels.map(({ key: { limitId, subjectId, period }, amount, spent, percent }) => ({
      ...{ limit_id: limitId, subject_id: subjectId, amount, spent, percent },
      period_start: new Date(period.start).toISOString(),
      period_end: new Date(period.end).toISOString(),
    }));
    const claimed = await this.dataSource.query<{ percent: SpendLevel }[]>(CLAIM, [
      JSON.stringify(rows),
      hasToBeTold,
    ]);
    return claimed.map(({ percent }) => percent);
  }

  /** Takes an alert that has to be told now. */
  async take(retryMs: readonly number[]): Promise<DueAlert | undefined> {
    const [row] = await this.dataSource.query<TakenRow[]>(TAKE, [retryMs]);
    if (row === undefined) return undefined;
    const { amount, spent, ...alert } = row;
    return { ...alert, amountUsd: usdOf(BigInt(amount)), spentUsd: usdOf(BigInt(spent)) };
  }

  /** Records that an alert was told. */
  async told(id: string): Promise<void> {
    await this.dataSource.query(`UPDATE "limit_alerts" SET "next_attempt_at" = NULL WHERE "id" = $1`, [id]);
  }

  /** Returns how long it is until an alert has to be told, in milliseconds; undefined if none has to. */
  async msUntilNext(): Promise<number | undefined> {
    const [row] = await this.dataSource.query<{ ms: number | null }[]>(
      `SELECT (extract(epoch FROM min("next_attempt_at") - clock_timestamp()) * 1000)::float8 AS "ms" FROM "limit_alerts"`,
    );
    return row?.ms ?? undefined;
  }
}
