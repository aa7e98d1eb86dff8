import { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { SigningKeysService } from '../credentials/signing-keys.service';
import { DAY_MS } from '../retention/retention';
import { ChainCheck, CheckedChain } from './chain-check';
import { SEALED_KINDS, SealedKind } from './seal-entry.entity';
import { linesOf } from './seal-lines';
import { SealedStretches } from './sealed-stretches';

/** The maximum number of rows without a seal that are named. */
const MAX_NAMED = 20;

/** What was found in the database. */
export interface VerifiedSeals {
  readonly chains: readonly CheckedChain[];
  /** What is wrong beside the chains: rows that were never sealed. */
  readonly faults: readonly string[];
  /** The number of records that are not sealed yet. */
  readonly waiting: number;
  /** The number of entries of calls that the server has changed since, by repricing. */
  readonly superseded: number;
  /** The number of entries whose rows are past their retention. */
  readonly pastRetention: number;
}

const NAMES: Readonly<Record<SealedKind, string>> = { call: 'call', audit_event: 'audit event' };
const TABLES: Readonly<Record<SealedKind, string>> = { call: 'calls', audit_event: 'audit_events' };

/** Checks all seals of the database against what its rows say now. */
@Injectable()
export class SealVerificationService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly keys: SigningKeysService,
    private readonly stretches: SealedStretches,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Checks every chain, and that every row has been sealed. It runs beside servers.
   * @param known the texts of seals that are known from elsewhere.
   * @param keys public keys that count beside those whose private keys this installation has, as after a master key was lost.
   */
  async verify(known: readonly string[], keys: ReadonlyMap<string, KeyObject>): Promise<VerifiedSeals> {
    const faults = await this.unsealedRows();
    const own = (await this.keys.listOwn()).map(({ id, publicKey }) => [id, publicKey] as const);
    const check = new ChainCheck({ keys: new Map([...own, ...keys]), known });
    let [superseded, pastRetention] = [0, 0];
    const gone: string[] = [];
    for (const chainId of await this.stretches.chainIds()) {
      for await (const stretch of this.stretches.of({ chainId })) {
        for (const line of linesOf(stretch)) check.add(line);
        for (const entry of stretch.entries) {
          if (entry.isSuperseded) superseded += 1;
          else if (entry.record === undefined && Date.parse(entry.at) < keptSince(this.config)[entry.kind])
            pastRetention += 1;
          else if (entry.record === undefined)
            gone.push(`${NAMES[entry.kind]} ${entry.subjectId} (entry ${entry.seq}) was removed`);
        }
      }
    }
    const chains = check.end();
    return {
      chains,
      faults: [...faults, ...named(gone), ...(await this.entriesBeyond(chains))],
      waiting: await this.countQueue(),
      superseded,
      pastRetention,
    };
  }

  /** Names chains with entries that no seal covers: the server writes both together. */
  private async entriesBeyond(chains: readonly CheckedChain[]): Promise<string[]> {
    const sealed = new Map(chains.map(({ chain, last }) => [chain, last]));
    const found = await this.dataSource.query<{ chain: string; last: number }[]>(
      'SELECT "chain_id" AS "chain", max("seq")::float8 AS "last" FROM "seal_entries" GROUP BY 1',
    );
    return found
      .filter(({ chain, last }) => last > (sealed.get(chain) ?? 0))
      .map(({ chain, last }) => `chain ${chain} has entries up to ${last} that are in no seal: made up`);
  }

  private async countQueue(): Promise<number> {
    const [found] = await this.dataSource.query<{ count: number }[]>(
      'SELECT count(*)::int AS "count" FROM "seal_queue"',
    );
    return found?.count ?? 0;
  }

  /** Names rows that are neither sealed nor wait for it: nothing that the server has recorded. */
  private async unsealedRows(): Promise<string[]> {
    const faults: string[] = [];
    for (const kind of SEALED_KINDS) {
      const rows = await this.dataSource.query<{ id: string }[]>(
        `SELECT "row"."id"::text AS "id" FROM "${TABLES[kind]}" AS "row"
          WHERE NOT EXISTS (SELECT 1 FROM "seal_entries" WHERE "subject_id" = "row"."id"::text AND "kind" = $1 AND "at" = "row"."at")
            AND NOT EXISTS (SELECT 1 FROM "seal_queue" WHERE "subject_id" = "row"."id"::text AND "kind" = $1 AND "at" = "row"."at")
          ORDER BY "row"."at", "row"."id" LIMIT $2`,
        [kind, MAX_NAMED + 1],
      );
      faults.push(...named(rows.map(({ id }) => `${NAMES[kind]} ${id} was never sealed: made up`)));
    }
    return faults;
  }
}

/** Returns since when each kind of row has to be there, in milliseconds since 1970: the ledger's go by whole months. */
function keptSince({
  ledgerRetentionDays,
  auditRetentionDays,
}: Config): Readonly<Record<SealedKind, number>> {
  const since = (days: number | undefined) => (days === undefined ? -Infinity : Date.now() - days * DAY_MS);
  const oldestCall = new Date(since(ledgerRetentionDays));
  const month = Date.UTC(oldestCall.getUTCFullYear(), oldestCall.getUTCMonth());
  return { call: Number.isNaN(month) ? -Infinity : month, audit_event: since(auditRetentionDays) };
}

/** Names the first of some faults, and says how many there are beyond. */
function named(faults: readonly string[]): string[] {
  if (faults.length <= MAX_NAMED) return [...faults];
  return [...faults.slice(0, MAX_NAMED), 'and more of the same kind'];
}
