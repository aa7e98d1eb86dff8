import type { ApiError } from '../api/api-error';
import type { Dto } from '../api/client';
import { Resource } from '../api/resource.svelte';
import { withNext, type Part } from '../usage/live-list';
import { askTraces } from './ask';

type Row = Dto['TraceDto'] & { readonly at: string };

/** A list with the words that it was searched for, so that what was found for others is not added to it. */
interface Listed extends Part<Row> {
  readonly words: string;
  /** How far back was searched, if there are sessions further back. */
  readonly searchedTo: string | null;
}

const PAGE = 50;
const EVERY_MS = 10_000;

/** The list of sessions, which follows live; or those that were found by words, which stay as they were found. */
export class TraceFeed {
  readonly resource: Resource<Listed>;
  refusal = $state.raw<ApiError>();
  isLoadingMore = $state(false);
  /** What has been loaded behind the first page. */
  private older = $state.raw<Listed>();
  /** The list as it is shown. */
  readonly shown: Listed | undefined = $derived.by(() => {
    const newest = this.resource.data;
    if (newest?.words !== this.words() && this.resource.error !== undefined) return undefined;
    if (newest === undefined || this.older?.words !== newest.words) return newest;
    if (newest.words !== '') return this.older;
    const known = new Set(this.older.rows.map(({ id }) => id));
    // Without a session in common there may be others between the two, so that the list starts again.
    return newest.rows.some(({ id }) => known.has(id)) ? continued(newest, this.older) : newest;
  });
  /** Whether what is shown was found by other words than those that are looked for now. */
  readonly isSearching = $derived.by(() => this.resource.isLoading && this.shown?.words !== this.words());

  /**
   * Has to be called while a component is created.
   * @param words what is looked for; empty for all sessions.
   */
  constructor(
    private readonly org: () => string,
    private readonly words: () => string,
  ) {
    this.resource = new Resource(
      async (signal) => {
        const asked = words();
        const answer = await askTraces(org(), queryFor(asked), signal);
        return answer.ok ? { ok: true, data: listOf(asked, answer.data) } : answer;
      },
      { every: () => (words() === '' ? EVERY_MS : undefined) },
    );
  }

  async loadMore(): Promise<void> {
    const { shown } = this;
    if (this.isLoadingMore || shown === undefined || shown.cursor === null) return;
    this.isLoadingMore = true;
    const answer = await askTraces(this.org(), { ...queryFor(shown.words), cursor: shown.cursor });
    this.isLoadingMore = false;
    this.refusal = answer.ok ? undefined : answer.refusal;
    if (answer.ok) this.older = continued(shown, listOf(shown.words, answer.data));
  }
}

function queryFor(words: string): { limit: number; q?: string } {
  return { limit: PAGE, ...(words !== '' && { q: words }) };
}

function listOf(words: string, { traces, next_cursor, searched_to }: Dto['TracesDto']): Listed {
  const rows = traces.map((trace) => ({ ...trace, at: trace.last_call_at }));
  return { words, rows, cursor: next_cursor, searchedTo: searched_to };
}

function continued(shown: Listed, next: Listed): Listed {
  return { ...next, ...withNext(shown, next) };
}
