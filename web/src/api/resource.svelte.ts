import { untrack } from 'svelte';
import type { ApiError } from './api-error';
import type { Answer } from './client';

interface Options<T> {
  /** The time after which the data is asked for again, in milliseconds; undefined for not at all. */
  readonly every?: (data: T | undefined) => number | undefined;
}

/**
 * Data of the API that a component shows: it is loaded when the component appears and again when a state changes that `ask` reads
 * before it first awaits. A later load aborts an earlier one, and the component's end aborts all. Data that could not be
 * refreshed stays, as `isStale`.
 */
export class Resource<T> {
  /** The data of the last load that succeeded. */
  data = $state.raw<T>();
  /** The error of the last load, if it failed. */
  error = $state.raw<ApiError>();
  isLoading = $state(true);
  /** Whether the data is older than the last attempt to load it. */
  readonly isStale = $derived(this.data !== undefined && this.error !== undefined);

  private current: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Has to be called while a component is created. */
  constructor(
    private readonly ask: (signal: AbortSignal) => Promise<Answer<T>>,
    private readonly options: Options<T> = {},
  ) {
    $effect(() => {
      void this.load();
      return () => this.stop();
    });
  }

  /** Loads the data. What is shown stays until the new data is there. */
  load = async (): Promise<void> => {
    this.stop();
    const aborter = new AbortController();
    this.current = aborter;
    untrack(() => (this.isLoading = true));
    const answer = await this.ask(aborter.signal);
    if (aborter.signal.aborted) return;
    this.isLoading = false;
    this.error = answer.ok ? undefined : answer.refusal;
    if (answer.ok) this.data = answer.data;
    this.loadLater();
  };

  /** Changes the data without a request, for what a change has answered. A load that is under way is outdated, and repeated. */
  update(change: (data: T) => T): void {
    if (this.data !== undefined) this.data = change(this.data);
    if (this.isLoading) void this.load();
  }

  private loadLater(): void {
    const delay = this.options.every?.(this.data);
    if (delay === undefined || this.error?.status === 401) return;
    this.timer = setTimeout(() => {
      // A hidden page sends no request.
      if (document.visibilityState === 'visible') void this.load();
      else this.loadLater();
    }, delay);
  }

  private stop(): void {
    this.current?.abort();
    clearTimeout(this.timer);
  }
}
