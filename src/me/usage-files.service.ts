import { Injectable } from '@nestjs/common';
import { CsvCell, csvLine } from '../api/csv';
import { CallEntity } from '../metering/call.entity';
import { CallDto } from '../metering/call.dto';
import { CallsService } from '../metering/calls.service';
import { shownSums } from '../metering/shown-sums';
import { Period, UsageGroupSums, UsageService, Whose } from '../metering/usage.service';
import { CallsFilterDto, filterOf, OrgCallsFilterDto } from './calls-query.dto';
import { UsageSumsDto } from '../metering/usage-sums.dto';
import { periodOf, UsageQueryDto } from './usage.dto';

/** A CSV file that is read while it is sent. */
export interface UsageFile {
  readonly name: string;
  readonly pages: AsyncGenerator<string>;
}

/** The columns of sums, as the JSON names them. */
const SUMS = [
  ...['calls', 'input_tokens', 'cache_read_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens'],
  ...['output_tokens', 'cost_usd', 'estimated_calls', 'unreadable_calls', 'unpriced_calls'],
] as readonly (keyof UsageSumsDto)[];

/** The columns of a call, as the JSON names them. */
const CALL = [
  ...['id', 'at', 'user_id', 'org_id', 'proxy_token_id', 'key_source', 'provider', 'endpoint'],
  ...['requested_model', 'model', 'status', 'outcome', 'usage_state', 'input_tokens', 'cache_read_tokens'],
  ...['cache_write_5m_tokens', 'cache_write_1h_tokens', 'output_tokens', 'thinking_tokens', 'web_searches'],
  ...['cost_usd', 'price_id', 'agent_session_id', 'agent_id', 'parent_agent_id', 'client'],
  ...['upstream_request_id', 'message_id', 'stop_reason', 'ms_to_first_byte', 'ms'],
  ...['request_bytes', 'response_bytes'],
] as readonly (keyof CallDto)[];

/** What calls cost as CSV files, for a person's own calls and for those of an organization. */
@Injectable()
export class UsageFilesService {
  constructor(
    private readonly usage: UsageService,
    private readonly calls: CallsService,
  ) {}

  /**
   * @param of the organization's name; undefined for a person's own.
   * @throws ApiException (invalid_period)
   */
  sums(whose: Whose, query: UsageQueryDto, of?: string): UsageFile {
    const period = periodOf(query);
    const pages = this.usage.pages(whose, period, query.group_by);
    const cells = (group: UsageGroupSums): CsvCell[] => {
      const sums = shownSums(group);
      return [...group.keys, ...SUMS.map((column) => sums[column])];
    };
    return { name: nameOf('usage', period, of), pages: csvOf([...query.group_by, ...SUMS], pages, cells) };
  }

  /**
   * @param of the organization's name; undefined for a person's own.
   * @throws ApiException (invalid_period)
   */
  list(whose: Whose, query: CallsFilterDto | OrgCallsFilterDto, of?: string): UsageFile {
    const period = periodOf(query);
    const pages = this.calls.pages(whose, period, filterOf(query));
    const cells = (row: CallEntity): CsvCell[] => {
      const call = CallDto.of(row);
      return CALL.map((column) => call[column]);
    };
    return { name: nameOf('calls', period, of), pages: csvOf(CALL, pages, cells) };
  }
}

async function* csvOf<Row>(
  names: readonly string[],
  pages: AsyncGenerator<Row[]>,
  cells: (row: Row) => CsvCell[],
): AsyncGenerator<string> {
  let head = csvLine(names);
  for await (const page of pages) {
    yield head + page.map((row) => csvLine(cells(row))).join('');
    head = '';
  }
  if (head !== '') yield head;
}

/** Returns the name of a file, for example `tracevault-acme-calls-2026-11-01-to-2026-11-28.csv`. */
function nameOf(what: string, { from, to }: Period, of: string | undefined): string {
  return ['tracevault', ...(of === undefined ? [] : [of]), what, from, 'to', `${to}.csv`].join('-');
}
