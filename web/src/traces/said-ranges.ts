import { MAX_PLACES, placesIn } from './find';

/** Returns where a pattern is in what was said: in the elements that are marked as such, and not in the page's own words. */
export function rangesIn(root: ParentNode, pattern: RegExp): Range[] {
  const ranges: Range[] = [];
  for (const element of root.querySelectorAll('[data-said]')) {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      for (const { start, end } of placesIn(node.nodeValue ?? '', pattern, MAX_PLACES - ranges.length)) {
        const range = document.createRange();
        range.setStart(node, start);
        range.setEnd(node, end);
        ranges.push(range);
      }
      if (ranges.length >= MAX_PLACES) return ranges;
    }
  }
  return ranges;
}
