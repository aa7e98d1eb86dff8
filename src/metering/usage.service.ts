import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { hasWholeHours } from './days';
import { keyOf, rowsOf, sumsOf, tableFor, TIME, UsageGroup } from './usage-groups';

/** Whose calls: a user's, an organization's, or a user's in an organization. */
export interface Whose {
  readonly userId?: string;
  readonly orgId?: string;
}

/** A period in days of a time zone, both days included. */
export interface Period {
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
}

/** The sums of calls. Numbers of tokens and billionths of a US dollar are decimal integers, since they may be too large for a number. */
export interface UsageSums {
  readonly calls: number;
  readonly input_tokens: string;
  readonly cache_read_tokens: string;
  readonly cache_write_5m_tokens: string;
  readonly cache_write_1h_tokens: string;
  readonly output_tokens: string;
  readonly cost_nano_usd: string;
  readonly estimated_calls: number;
  readonly unreadable_calls: number;
  readonly unpriced_calls: number;
}

/** The sums of one group, with its keys in the order of the groups. */
export interface UsageGroupSums extends UsageSums {
  readonly keys: readonly (string | null)[];
}

/** The number of groups in memory at once where all of them are read. */
const PAGE = 5_000;

/** Adds up the calls of the ledger. */
@Injectable()
export class UsageService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Returns the sums of a period, those of each group and of all together, which are of one moment.
   * @param maxGroups the maximum number of groups; those that cost least are omitted, and counted. All of them when omitted.
   */
  async sums(
    whose: Whose,
    period: Period,
    groups: readonly UsageGroup[],
    maxGroups?: number,
  ): Promise<{ total: UsageSums; groups: UsageGroupSums[]; omittedGroups: number }> {
    const table = tableOf(whose, period, groups);
    const { conditions, parameters } = where(whose, period, TIME[table]);
    const keys = groups.map((group, index) => `${keyOf(group, table, '$1')} AS "key${index}"`);
    const names = groups.map((_, index) => `"key${index}"`);
    // The second grouping set is everything: groups and total are of one moment.
    const sets = names.length === 0 ? '()' : `(${names.join(', ')}), ()`;
    const isTotal = names.length === 0 ? 'true' : `grouping(${names[0] ?? ''}) = 1`;
    const sums = `SELECT ${[...names, `${isTotal} AS "is_total"`, sumsOf(table)].join(', ')}
         FROM (SELECT ${[...keys, '*'].join(', ')} FROM (${rowsOf(groups, table, conditions)}) AS "few") AS "row"
        GROUP BY GROUPING SETS (${sets})`;
    const rows = await this.dataSource.query<(UsageSums & Record<string, unknown>)[]>(
      `SELECT * FROM (${maxGroups === undefined ? sums : ranked(sums)}) AS "sums"
        ${maxGroups === undefined ? '' : `WHERE "rank" <= ${maxGroups + 1}`}
        ${names.length === 0 ? '' : `ORDER BY ${names.join(', ')}`}`,
      parameters,
    );
    const total = rows.find(({ is_total }) => is_total === true) as UsageSums & { readonly count?: number };
    const others = rows.filter(({ is_total }) => is_total !== true);
    return {
      total,
      omittedGroups: total.count === undefined ? 0 : total.count - rows.length,
      groups: others.map((row) => ({
        ...row,
        keys: names.map((name) => row[name.slice(1, -1)] as string | null),
      })),
    };
  }

  /** Yields the sums of all groups of a period in pages; of no groups, one of everything. */
  async *pages(
    whose: Whose,
    period: Period,
    groups: readonly UsageGroup[],
  ): AsyncGenerator<UsageGroupSums[]> {
    if (groups.length === 0) {
      yield [{ ...(await this.sums(whose, period, groups)).total, keys: [] }];
      return;
    }
    let after: UsageGroupSums | undefined;
    for (;;) {
      const page = await this.page(whose, period, groups, after?.keys);
      after = page.at(-1);
      if (after !== undefined) yield page;
      if (page.length < PAGE) return;
    }
  }

  /** Returns the groups behind one, in the order of their keys. */
  private async page(
    whose: Whose,
    period: Period,
    groups: readonly UsageGroup[],
    after: readonly (string | null)[] | undefined,
  ): Promise<UsageGroupSums[]> {
    const table = tableOf(whose, period, groups);
    const { conditions, parameters } = where(whose, period, TIME[table]);
    const keys = groups.map((group, index) => `(${keyOf(group, table, '$1')})::text AS "key${index}"`);
    const names = groups.map((_, index) => `"key${index}"`);
    // A key can be null, which no comparison of rows takes: two columns for each, which are not.
    const place = names.flatMap((name) => [`${name} IS NULL`, `coalesce(${name}, '')`]).join(', ');
    const behind = (after ?? []).flatMap((key) => [
      `$${parameters.push(key === null)}::boolean`,
      `$${parameters.push(key ?? '')}::text`,
    ]);
    const rows = await this.dataSource.query<(UsageSums & Record<string, unknown>)[]>(
      `SELECT ${[...names, sumsOf(table)].join(', ')}
         FROM (SELECT ${[...keys, '*'].join(', ')} FROM "${table}" WHERE ${conditions}) AS "row"
        ${after === undefined ? '' : `WHERE (${place}) > (${behind.join(', ')})`}
        GROUP BY ${names.join(', ')} ORDER BY ${place} LIMIT ${PAGE}`,
      parameters,
    );
    return rows.map((row) => ({
      ...row,
      keys: names.map((name) => row[name.slice(1, -1)] as string | null),
    }));
  }
}

/** Returns the SQL of sums with their number and the rank of each: the total first, then the groups that cost most. */
function ranked(sums: string): string {
  const order = '"is_total" DESC, "cost_nano_usd"::numeric DESC, "calls" DESC';
  return `SELECT *, count(*) OVER ()::int AS "count", row_number() OVER (ORDER BY ${order}) AS "rank"
            FROM (${sums}) AS "grouped"`;
}

function tableOf({ userId, orgId }: Whose, { from, to, timeZone }: Period, groups: readonly UsageGroup[]) {
  const isOfOrg = orgId !== undefined && userId === undefined;
  return tableFor(groups, hasWholeHours(timeZone, from, to), isOfOrg);
}

function where({ userId, orgId }: Whose, { from, to, timeZone }: Period, time: string) {
  const parameters: (string | boolean)[] = [timeZone, from, to];
  const conditions = [
    `${time} >= ($2::date)::timestamp AT TIME ZONE $1`,
    `${time} < ($3::date + 1)::timestamp AT TIME ZONE $1`,
  ];
  if (userId !== undefined) conditions.push(`"user_id" = $${parameters.push(userId)}`);
  if (orgId !== undefined) conditions.push(`"org_id" = $${parameters.push(orgId)}`);
  return { conditions: conditions.join(' AND '), parameters };
}
