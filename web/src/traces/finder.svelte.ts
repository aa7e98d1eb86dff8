import { getContext, setContext } from 'svelte';
import { patternOf } from './find';
import { rangesIn } from './said-ranges';

const KEY = Symbol('finder');
/** The names under which styles know what is found, and the place of it that is shown. */
const FOUND = 'found';
const SHOWN = 'found-shown';

/**
 * Finds words in what was said in a call, which says of itself whether it has them: what is folded away opens then, before the places
 * are counted.
 */
export class Finder {
  words = $state('');
  /** The number of places, and which of them is shown, from 1; 0 if there is none. */
  count = $state(0);
  at = $state(0);
  private readonly pattern = $derived(patternOf(this.words));
  private ranges: readonly Range[] = [];
  private frame = 0;

  /** Tells whether one of some texts has the words that are looked for. */
  isIn(...texts: readonly (string | null | undefined)[]): boolean {
    const { pattern } = this;
    return pattern !== undefined && texts.some((text) => (text ?? '').search(pattern) !== -1);
  }

  /** Looks for the words below an element, from the start, and again whenever something opens there. @returns what ends it. */
  lookIn(root: HTMLElement): (() => void) | undefined {
    this.mark([]);
    if (this.words === '') return undefined;
    const later = () => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.look(root));
    };
    const observer = new MutationObserver(later);
    observer.observe(root, { childList: true, subtree: true });
    later();
    return () => {
      observer.disconnect();
      cancelAnimationFrame(this.frame);
      this.mark([]);
    };
  }

  /** Shows the next place, or the one before; behind the last one comes the first. */
  step(by: 1 | -1): void {
    if (this.count === 0) return;
    this.at = ((this.at - 1 + by + this.count) % this.count) + 1;
    this.show();
  }

  private look(root: HTMLElement): void {
    const before = this.ranges[this.at - 1];
    this.mark(this.pattern === undefined ? [] : rangesIn(root, this.pattern));
    const same = this.ranges.findIndex((range) => isSame(range, before));
    this.at = same === -1 ? Math.min(1, this.count) : same + 1;
    if (same === -1) this.show();
    else this.markShown();
  }

  private mark(ranges: readonly Range[]): void {
    this.ranges = ranges;
    this.count = ranges.length;
    CSS.highlights.delete(SHOWN);
    if (ranges.length === 0) CSS.highlights.delete(FOUND);
    else CSS.highlights.set(FOUND, new Highlight(...ranges));
  }

  private markShown(): Range | undefined {
    const range = this.ranges[this.at - 1];
    if (range === undefined) return undefined;
    const highlight = new Highlight(range);
    highlight.priority = 1;
    CSS.highlights.set(SHOWN, highlight);
    return range;
  }

  private show(): void {
    const range = this.markShown();
    const scroller = range?.startContainer.parentElement?.closest('dialog');
    if (range === undefined || scroller === null || scroller === undefined) return;
    // An element may be far longer than the window: it is the place in it that has to be seen.
    scroller.scrollBy({ top: range.getBoundingClientRect().top - scroller.clientHeight / 3 });
  }
}

/** Creates the finder that the components below the one that is created know. */
export function createFinder(): Finder {
  return setContext(KEY, new Finder());
}

/** Returns the finder of the components above. */
export function currentFinder(): Finder {
  return getContext<Finder>(KEY);
}

function isSame(range: Range, other: Range | undefined): boolean {
  return range.startContainer === other?.startContainer && range.startOffset === other.startOffset;
}
