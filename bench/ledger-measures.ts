import { join } from 'node:path';
import { pino } from 'pino';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { Config } from '../src/config/config';
import { createDataSource } from '../src/database/data-source';
import { CallRow } from '../src/metering/call-row';
import { CallSpool } from '../src/metering/call-spool';
import { LedgerRetentionService } from '../src/metering/ledger-retention.service';
import { LedgerRepository } from '../src/metering/ledger.repository';
import { LedgerWriter } from '../src/metering/ledger-writer';
import { number } from './report';

/** A server with one user, who owns an organization. */
export interface Server {
  readonly url: string;
  readonly token: string;
  readonly userId: string;
  readonly orgId: string;
  readonly orgName: string;
}

const MB = 1024 * 1024;
const DAY_MS = 86_400_000;
const INSERTED = 20_000;

/** Returns a table of what the ledger's tables and indexes take on the disk, all partitions together. */
export async function sizes(client: Client): Promise<string[][]> {
  const { rows } = await client.query<{ name: string; bytes: string; rows: string | null }>(`
    WITH "tables" AS (
      SELECT oid, "relname" FROM pg_class WHERE oid = ANY (ARRAY['calls', 'usage_hourly', 'org_usage_hourly', 'billed_once']::regclass[])
    ), "parts" AS (
      SELECT "relname" AS "name", "relid" FROM "tables", LATERAL (SELECT "relid" FROM pg_partition_tree(oid) UNION SELECT oid) AS "part"
    ), "heaps" AS (
      SELECT "name", sum(pg_table_size("relid")) AS "bytes", sum(greatest("reltuples", 0)) FILTER (WHERE "relkind" = 'r') AS "rows"
        FROM "parts" JOIN pg_class ON oid = "relid" GROUP BY 1
    ), "indexes" AS (
      SELECT "tables"."relname" || ': ' || "index"."relname" AS "name", sum(pg_relation_size("relid")) AS "bytes", NULL::float8 AS "rows"
        FROM "tables" JOIN pg_index ON "indrelid" = "tables".oid JOIN pg_class AS "index" ON "index".oid = "indexrelid",
             LATERAL (SELECT "relid" FROM pg_partition_tree("indexrelid") UNION SELECT "indexrelid") AS "part"
       GROUP BY 1
    )
    SELECT "name", "bytes", "rows" FROM (SELECT * FROM "heaps" UNION ALL SELECT * FROM "indexes") AS "all" ORDER BY "name"`);
  return [
    ['', 'MB', 'rows'],
    ...rows.map((row) => [
      row.name,
      number(Number(row.bytes) / MB, 0),
      row.rows === null ? '' : number(Number(row.rows), 0),
    ]),
  ];
}

/** Writes calls as the server does, with their spool, and tells how fast. */
export async function insertRate(url: string, server: Server, folder: string): Promise<string> {
  const dataSource = await opened(url);
  const repository = new LedgerRepository(dataSource);
  const writer = new LedgerWriter({
    spool: CallSpool.open(join(folder, 'spool')),
    maxSpoolBytes: 256 * MB,
    flushMs: 500,
    maxRows: 200,
    insert: async (rows) => {
      await repository.insert(rows);
    },
    logger: pino({ enabled: false }),
  });
  const at = new Date().toISOString();
  const begun = performance.now();
  for (let index = 0; index < INSERTED; index++) writer.add(row(index, at, server));
  await writer.flush();
  const seconds = (performance.now() - begun) / 1000;
  await writer.close(0);
  const [counted] = await dataSource.query<{ count: number }[]>(
    `SELECT count(*)::int AS "count" FROM "calls" WHERE "id" LIKE 'bench_%' AND "at" = $1`,
    [at],
  );
  await dataSource.destroy();
  if (counted?.count !== INSERTED) throw new Error(`${counted?.count} rows are there, and not ${INSERTED}`);
  return `Written: ${number(INSERTED / seconds, 0)} calls a second, with their sums, by one process`;
}

/** Drops the oldest month as the server does when it is past its retention, and tells how long that takes. */
export async function dropOldest(url: string, months: readonly string[]): Promise<string> {
  const dataSource = await opened(url);
  const days = Math.floor((Date.now() - Date.parse(months[1] ?? '')) / DAY_MS);
  const config = { ledgerRetentionDays: days } as Config;
  const retention = new LedgerRetentionService(dataSource, config, pino({ enabled: false }));
  const begun = performance.now();
  await retention.drop();
  const milliseconds = performance.now() - begun;
  const [partitions] = await dataSource.query<{ count: number }[]>(
    `SELECT count(*)::int AS "count" FROM pg_inherits WHERE inhparent = 'calls'::regclass`,
  );
  await dataSource.destroy();
  return `Dropped the oldest month in ${number(milliseconds, 0)} ms; ${partitions?.count} partitions are left`;
}

async function opened(url: string): Promise<DataSource> {
  return createDataSource({ kind: 'postgres', url }).initialize();
}

/** Returns a call of one of a hundred users, in the present hour. */
function row(index: number, at: string, { orgId }: Server): CallRow {
  const user_id = `00000000-0000-4000-8000-${String(index % 100).padStart(12, '0')}`;
  const model = ['claude-sonnet-5', 'claude-opus-5', 'claude-haiku-4-5'][index % 3] ?? null;
  return {
    id: `bench_${index}`,
    at,
    ...{ user_id, org_id: orgId, proxy_token_id: user_id, key_source: 'organization', provider: 'anthropic' },
    ...{ endpoint: 'messages', requested_model: model, model, status: 200, outcome: 'completed' },
    ...{ usage_state: 'measured', input_tokens: 12, cache_read_tokens: 54_000, cache_write_5m_tokens: 1_200 },
    ...{ cache_write_1h_tokens: 0, output_tokens: 96, thinking_tokens: 0, web_searches: 0 },
    cost_nano_usd: '14784000',
    cost_lines: [
      ['input', model, 12, '0.000002', '1', '24000'],
      ['cache_read', model, 54_000, '0.0000002', '1', '10800000'],
      ['cache_write_5m', model, 1_200, '0.0000025', '1', '3000000'],
      ['output', model, 96, '0.00001', '1', '960000'],
    ],
    ...{ price_id: 'bench', agent_session_id: user_id, agent_id: null, parent_agent_id: null },
    ...{ client: 'tracevault-bench', upstream_request_id: 'req_bench', message_id: 'msg_bench' },
    ...{
      stop_reason: 'end_turn',
      ms_to_first_byte: 900,
      ms: 4_000,
      request_bytes: 60_000,
      response_bytes: 12_000,
    },
    once_key: null,
    request_sha256: null,
    response_sha256: null,
    price_facts: null,
  };
}
