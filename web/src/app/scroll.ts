/** The time for which a page may grow until it is as long as it was, in milliseconds. */
const GROWS_MS = 3000;

/** Scrolls to a position, as soon as what has been loaded makes the page long enough, unless the user scrolls first. */
export function restoreScroll(top: number): void {
  scrollTo({ top, behavior: 'instant' });
  if (scrollY >= top - 1) return;
  const growth = new ResizeObserver(() => {
    scrollTo({ top, behavior: 'instant' });
    if (scrollY >= top - 1) stop();
  });
  const stop = (): void => {
    growth.disconnect();
    clearTimeout(timer);
    for (const event of MOVES) removeEventListener(event, stop);
  };
  const timer = setTimeout(stop, GROWS_MS);
  for (const event of MOVES) addEventListener(event, stop, { passive: true });
  growth.observe(document.body);
}

/** What users move the page by. */
const MOVES = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;
