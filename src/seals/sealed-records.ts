import { EntityManager } from 'typeorm';
import { canonicalJson, Json } from './canonical-json';
import { subjectText } from './hash-chain';
import { inTurns } from './in-turns';
import { SEALED_KINDS, SealedKind } from './seal-entry.entity';

/** The id of the chain of what belongs to no organization. */
export const INSTALLATION_CHAIN = '00000000-0000-0000-0000-000000000000';

/** A call or an event, by what finds its row. The time is ISO 8601, UTC, in microseconds. */
export interface SealedSubject {
  readonly kind: SealedKind;
  readonly subjectId: string;
  readonly at: string;
}

/** What is recorded of a call or an event, in the form that is hashed. */
export interface SealedRecord {
  readonly chainId: string;
  readonly text: string;
}

/** Returns the SQL of the time of a row as records hold it. */
export const atOf = (row: string): string =>
  `to_char("${row}"."at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "at"`;
const hex = (column: string): string => `encode("row"."${column}", 'hex') AS "${column}"`;

/** The columns of a call in its record that are written as text: what they hold can exceed a number of JavaScript. */
const AMOUNTS = [
  ...['input_tokens', 'cache_read_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens'],
  ...['output_tokens', 'thinking_tokens', 'web_searches', 'cost_nano_usd', 'request_bytes', 'response_bytes'],
  ...['cost_lines', 'price_facts'],
];
const TEXTS = [
  ...[
    'id',
    'user_id',
    'org_id',
    'proxy_token_id',
    'key_source',
    'provider',
    'endpoint',
    'requested_model',
    'model',
  ],
  ...['outcome', 'usage_state', 'price_id', 'agent_session_id', 'agent_id', 'parent_agent_id', 'client'],
  ...['upstream_request_id', 'message_id', 'stop_reason'],
];
const NUMBERS = ['status', 'ms_to_first_byte', 'ms'];

/**
 * What a record is made of. A change of any of these lists makes all earlier hashes unreadable: a further kind of record
 * is needed then.
 */
const STATEMENTS: Readonly<Record<SealedKind, string>> = {
  call: `
    SELECT ${atOf('row')}, ${TEXTS.map((name) => `"row"."${name}"`).join(', ')}, ${NUMBERS.map((name) => `"row"."${name}"`).join(', ')},
           ${AMOUNTS.map((name) => `"row"."${name}"::text`).join(', ')}, ${hex('request_sha256')}, ${hex('response_sha256')}
      FROM unnest($1::text[], $2::timestamptz[]) AS "given"("id", "at")
      JOIN "calls" AS "row" ON "row"."id" = "given"."id" AND "row"."at" = "given"."at"`,
  audit_event: `
    SELECT ${atOf('row')}, "row"."id", "row"."action", "row"."actor_kind", "row"."actor_id", "row"."subject_id", "row"."org_id",
           "row"."address", "row"."client", "row"."details"::text
      FROM unnest($1::text[]) AS "given"("id")
      JOIN "audit_events" AS "row" ON "row"."id" = "given"."id"::uuid`,
};

/** Returns the statement whose rows are JSON: many columns of many rows take the event loop longer in any other form. */
const asJson = (statement: string): string =>
  `SELECT to_json("row")::text AS "json" FROM (${statement}) AS "row"`;

type Row = Readonly<Record<string, Json>> & {
  readonly id: string;
  readonly at: string;
  readonly org_id: string | null;
};

/** Returns the key of a subject in a map of records. */
export function keyOf({ kind, subjectId, at }: SealedSubject): string {
  return subjectText(kind, subjectId, at);
}

/** Reads what is recorded of some calls and events now. Those whose rows are gone are missing in what it returns. */
export async function readRecords(
  manager: EntityManager,
  subjects: readonly SealedSubject[],
): Promise<Map<string, SealedRecord>> {
  const records = new Map<string, SealedRecord>();
  for (const kind of SEALED_KINDS) {
    const some = subjects.filter((subject) => subject.kind === kind);
    if (some.length === 0) continue;
    const ids = some.map(({ subjectId }) => subjectId);
    const parameters = kind === 'call' ? [ids, some.map(({ at }) => at)] : [ids];
    const rows = await manager.query<{ json: string }[]>(asJson(STATEMENTS[kind]), parameters);
    for await (const { json } of inTurns(rows)) {
      const row = JSON.parse(json) as Row;
      const text = canonicalJson({ ...row, kind });
      records.set(keyOf({ kind, subjectId: row.id, at: row.at }), {
        chainId: row.org_id ?? INSTALLATION_CHAIN,
        text,
      });
    }
  }
  return records;
}
