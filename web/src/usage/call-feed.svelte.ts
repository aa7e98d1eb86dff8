import { untrack } from 'svelte';
import type { ApiError } from '../api/api-error';
import type { Answer } from '../api/client';
import { Resource } from '../api/resource.svelte';
import { askCalls } from './ask';
import type { CallsQuery } from './queries';
import type { Call } from './call-words';
import { withNewest, withNext, type Part } from './live-list';

const PAGE = 50;
/** The number of the newest calls that are asked for while following. */
const NEWEST = 20;
const EVERY_MS = 2000;

/** A list with what it answers, so that an answer to another question is not added to it. */
interface Listed {
  readonly query: string;
  readonly part: Part<Call>;
}

interface Options {
  readonly org: () => string;
  /** What is asked for, without paging. */
  readonly query: () => CallsQuery;
  /** Whether calls may still be added to the list. */
  readonly isOpen: () => boolean;
  /** Whether what is shown has to stay as it is. */
  readonly isPaused: () => boolean;
}

/** The list of calls, which follows live. While it is paused, new calls are counted and not shown. */
export class CallFeed {
  readonly resource: Resource<Listed>;
  refusal = $state.raw<ApiError>();
  isLoadingMore = $state(false);
  private kept = $state.raw<Listed>();
  private readonly isKept = $derived.by(
    () => this.kept !== undefined && this.kept.query === this.newest?.query,
  );
  /** The list as it is shown. */
  readonly shown: Part<Call> | undefined = $derived.by(() =>
    this.isKept ? this.kept?.part : this.newest?.part,
  );
  /** The number of calls that have come since the list was paused. */
  readonly waiting = $derived.by(() => {
    const known = new Set(this.shown?.rows.map(({ id }) => id));
    return this.newest?.part.rows.filter(({ id }) => !known.has(id)).length ?? 0;
  });

  /** Has to be called while a component is created. */
  constructor(private readonly options: Options) {
    this.resource = new Resource((signal) => this.ask(signal), {
      every: () => (options.isOpen() ? EVERY_MS : undefined),
    });
    $effect.pre(() => {
      const [isPaused, newest] = [options.isPaused(), this.newest];
      untrack(() => {
        if (!isPaused) this.kept = undefined;
        else if (!this.isKept) this.kept = newest;
      });
    });
  }

  /** Shows the calls that have come while the list was paused. */
  showNewest(): void {
    this.kept = this.newest;
  }

  async loadMore(): Promise<void> {
    const [shown, query] = [this.shown, JSON.stringify(this.options.query())];
    if (this.isLoadingMore || shown === undefined || shown.cursor === null) return;
    const { cursor } = shown;
    this.isLoadingMore = true;
    const answer = await askCalls(this.options.org(), { ...this.options.query(), limit: PAGE, cursor });
    this.isLoadingMore = false;
    this.refusal = answer.ok ? undefined : answer.refusal;
    if (!answer.ok) return;
    const next = partOf(answer.data);
    const add = (listed: Listed): Listed =>
      listed.query === query && listed.part.cursor === cursor
        ? { query, part: withNext(listed.part, next) }
        : listed;
    if (this.kept !== undefined) this.kept = add(this.kept);
    this.resource.update(add);
  }

  private get newest(): Listed | undefined {
    return this.resource.data;
  }

  private async ask(signal: AbortSignal): Promise<Answer<Listed>> {
    const [org, asked] = [this.options.org(), this.options.query()];
    const query = JSON.stringify(asked);
    const before = untrack(() => (this.newest?.query === query ? this.newest : undefined));
    // A short list may get more at once than are asked for while following.
    const limit = (before?.part.rows.length ?? 0) < PAGE ? PAGE : NEWEST;
    const answer = await askCalls(org, { ...asked, limit }, signal);
    if (!answer.ok) return answer;
    const part = partOf(answer.data);
    return { ok: true, data: { query, part: before === undefined ? part : withNewest(before.part, part) } };
  }
}

function partOf({ calls, next_cursor }: { calls: Call[]; next_cursor: string | null }): Part<Call> {
  return { rows: calls, cursor: next_cursor };
}
