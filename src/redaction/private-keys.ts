import { SearchedText } from './searched-text';
import { Finding } from './secret-kinds';

/** As the source of an expression without groups. */
export const PRIVATE_KEY_PREFIX = '-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----';

const END = '-----END ';
/** The end of the last line, behind its beginning. */
const REST_OF_END = /-----END [A-Z0-9 ]{0,40}-----/y;
/** The maximum length of a key, with escapes and the numbers of its lines. */
const MAX_LENGTH = 64 * 1024;
/** A line of a key, whose slashes may be escaped. What is between lines, such as `\n`, a quote or a line number, is no part of it. */
const LINE = /(?:[A-Za-z0-9+/=]|\\{1,4}(?:\/|u002[BbFf])){40,}/g;
/** The last line of a key, which may be a short one. */
const LAST_LINE = /(?:[A-Za-z0-9+/=]|\\{1,4}(?:\/|u002[BbFf])){8,}/g;
/** The maximum number of characters between two lines of a key, headers included. */
const MAX_GAP = 200;

/**
 * Finds what belongs to the beginning of a private key in PEM.
 * @param start where its first line begins.
 * @param at where its first line ends.
 * @returns the whole key where it stands in one text, else its lines, as in a list of texts or where its end is cut off; nothing
 * where only its beginning is spoken of.
 */
export function privateKey(searched: SearchedText, start: number, at: number): Finding[] {
  const { text } = searched;
  const endLine = searched.indexOf(END, at);
  const isWhole = endLine < start + MAX_LENGTH && endLine < searched.indexOf('-----BEGIN ', at);
  const limit = Math.min(start + MAX_LENGTH, searched.indexOf('-----', at), text.length);
  const lines = linesIn(LINE, searched, at, isWhole ? endLine : limit);
  const [last] = lines.slice(-1);
  if (last === undefined || !isWhole) return lines;
  if (searched.indexOf('"', at) < endLine)
    return [...lines, ...linesIn(LAST_LINE, searched, last.end, endLine)];
  REST_OF_END.lastIndex = endLine;
  const end = REST_OF_END.test(text) ? REST_OF_END.lastIndex : endLine;
  return [{ kind: 'private_key', start, end }];
}

/** Finds the lines between two positions. */
function linesIn(line: RegExp, searched: SearchedText, from: number, to: number): Finding[] {
  const lines: Finding[] = [];
  let last = from;
  for (const { index, 0: found } of searched.text.slice(from, to).matchAll(line)) {
    const start = from + index;
    if (start - last > MAX_GAP) break;
    last = start + found.length;
    lines.push({ kind: 'private_key', start: searched.behindEscape(start), end: last });
  }
  return lines;
}
