import { pageAt, type Page } from './routes';
import { restoreScroll } from './scroll';

/** What a history entry holds: its identity, by which the router keeps where the user had scrolled to. */
interface EntryState {
  readonly entry: string;
  readonly scroll?: number;
}

/** Returns an identity for a history entry. Over plain http, browsers have no crypto.randomUUID(). */
const newEntry = (): string => `${Date.now()}-${Math.random()}`;

/**
 * Routes between the pages without loading the document again. Links are ordinary links: a click on one to another page is taken
 * over, and everything else (another tab, a download, the API's explorer) is left to the browser.
 */
class Router {
  /** The address that is shown; pages with filters in the query read it here. */
  url = $state.raw(new URL(location.href));
  /** Counts the visits: each shows its page from scratch, also when its path is that of the one before. */
  visit = $state(0);
  readonly page: Page = $derived(pageAt(this.url.pathname));

  private readonly scrolls = new Map<string, number>();
  private entry = '';
  private scrollTo: number | undefined;
  private isFocusDue = false;

  /** Begins to take over links and the browser's own way back and forth. Called once. */
  start(): void {
    history.scrollRestoration = 'manual';
    const state = history.state as EntryState | null;
    this.entry = state?.entry ?? newEntry();
    this.scrollTo = state?.scroll;
    history.replaceState({ entry: this.entry } satisfies EntryState, '');
    document.addEventListener('click', this.follow);
    addEventListener('popstate', this.goToEntry);
    addEventListener('pagehide', () => {
      history.replaceState({ entry: this.entry, scroll: scrollY } satisfies EntryState, '');
    });
  }

  /** Shows the page at a path of this server. With `replace`, the page that is shown now is no longer on the way back. */
  go(path: string, { replace = false } = {}): void {
    this.scrolls.set(this.entry, scrollY);
    this.entry = newEntry();
    const state: EntryState = { entry: this.entry };
    if (replace) history.replaceState(state, '', path);
    else history.pushState(state, '', path);
    this.show(0);
  }

  /** Changes the query of the page that is shown, without showing it from scratch, for filters that a link should contain. */
  setQuery(query: Readonly<Record<string, string | undefined>>): void {
    const url = new URL(this.url);
    for (const [name, value] of Object.entries(query)) {
      if (value === undefined || value === '') url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    history.replaceState(history.state, '', url);
    this.url = url;
  }

  /** Shows the page from scratch, for what else has changed. */
  again(): void {
    this.go(this.url.pathname + this.url.search, { replace: true });
  }

  /** Whether the heading of the page that has appeared should get the focus: once for each navigation, and not for the first page. */
  takeFocus(): boolean {
    const isDue = this.isFocusDue;
    this.isFocusDue = false;
    return isDue;
  }

  /** Scrolls to where the user had been on the page, once it has appeared. */
  appeared(): void {
    if (this.scrollTo !== undefined) restoreScroll(this.scrollTo);
    this.scrollTo = undefined;
  }

  private show(scroll: number): void {
    this.scrollTo = scroll;
    this.isFocusDue = true;
    this.url = new URL(location.href);
    this.visit += 1;
  }

  private readonly follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download')) return;
    const to = new URL(link.href, location.href);
    if (to.origin !== location.origin || pageAt(to.pathname).name === 'not-found') return;
    const isHere = to.pathname === location.pathname && to.search === location.search;
    if (isHere && to.hash !== '') return;
    event.preventDefault();
    this.go(to.pathname + to.search + to.hash, { replace: isHere });
  };

  private readonly goToEntry = ({ state }: PopStateEvent): void => {
    const isSamePage = location.pathname + location.search === this.url.pathname + this.url.search;
    const entry = (state as EntryState | null)?.entry;
    if (isSamePage && (entry === undefined || entry === this.entry)) return; // only the hash has changed, which pages read themselves
    this.scrolls.set(this.entry, scrollY);
    this.entry = entry ?? newEntry();
    this.show(this.scrolls.get(this.entry) ?? 0);
  };
}

export const router = new Router();
