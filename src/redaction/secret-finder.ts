import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  AWS_SECRET_PREFIX,
  awsSecret,
  JWT_PREFIX,
  jsonWebToken,
  URL_PREFIX,
  urlPassword,
} from './named-secrets';
import { PRIVATE_KEY_PREFIX, privateKey } from './private-keys';
import { SearchedText } from './searched-text';
import { Finding } from './secret-kinds';
import { TOKEN_SHAPES, TokenShape } from './token-shapes';

/** Finds the secrets that a prefix begins. The first argument is the text; the prefix ends where the second position is. */
interface Shape {
  readonly prefix: string;
  readonly find: (searched: SearchedText, start: number, at: number) => Finding[];
}

const SHAPES: readonly Shape[] = [
  ...TOKEN_SHAPES.map((shape) => ({
    prefix: shape.prefix,
    find: (searched: SearchedText, start: number, at: number) => tokenOf(shape, searched, start, at),
  })),
  { prefix: PRIVATE_KEY_PREFIX, find: privateKey },
  { prefix: AWS_SECRET_PREFIX, find: (searched, _, at) => awsSecret(searched, at) },
  {
    prefix: URL_PREFIX,
    find: (searched, _, at) =>
      urlPassword(searched, at).map((found) => ({
        ...found,
        kind: tokenWithin(searched, found)?.kind ?? found.kind,
      })),
  },
  {
    prefix: JWT_PREFIX,
    find: (searched, start) => (isSegmentStart(searched, start) ? jsonWebToken(searched, start) : []),
  },
];

const anyOf = (shapes: readonly { readonly prefix: string }[]) =>
  shapes.map(({ prefix }) => `(${prefix})`).join('|');
/** Any prefix; the group that takes part says which. */
const PREFIXES = anyOf(SHAPES);
const TOKEN_PREFIXES = anyOf(TOKEN_SHAPES);
/** The longest prefix. */
const MAX_PREFIX = 100;
/** The number of characters that are looked through at once, in some milliseconds at most: others go in between. */
const SLICE = 64 * 1024;
/** The maximum number of characters that decide whether a token is one. */
const MAX_SHOWN = 64;

/**
 * Finds secrets by their formats, in bytes of any kind: JSON, in whose strings they may stand, events, plain text. In time that
 * grows with the length alone, whatever the bytes are.
 * @returns findings in their order, none of which overlap.
 */
export async function findSecrets(bytes: Buffer): Promise<Finding[]> {
  const searched = new SearchedText(bytes.toString('latin1'));
  const prefixes = new RegExp(PREFIXES, 'g');
  const findings: Finding[] = [];
  let from = 0;
  for (let slice = 0; slice < searched.text.length; slice += SLICE) {
    if (slice > 0) await nextTurn();
    const end = slice + SLICE;
    from = Math.max(from, slice);
    if (from >= end) continue;
    const part = searched.text.slice(slice, end + MAX_PREFIX);
    prefixes.lastIndex = from - slice;
    for (let match = prefixes.exec(part); match !== null; match = prefixes.exec(part)) {
      const start = slice + match.index;
      if (start >= end) break;
      const found = foundAt(searched, match, start);
      findings.push(...found);
      from = found.at(-1)?.end ?? start + match[0].length;
      if (from >= end) break;
      prefixes.lastIndex = from - slice;
    }
  }
  return findings;
}

function foundAt(searched: SearchedText, match: RegExpExecArray, start: number): Finding[] {
  return SHAPES[groupOf(match)]?.find(searched, start, start + match[0].length) ?? [];
}

/** Returns the first token within a stretch of a text. */
function tokenWithin(
  searched: SearchedText,
  { start: from, end }: Pick<Finding, 'start' | 'end'>,
): Finding | undefined {
  for (const match of searched.text.slice(from, end).matchAll(new RegExp(TOKEN_PREFIXES, 'g'))) {
    const start = from + match.index;
    const shape = TOKEN_SHAPES[groupOf(match)];
    const [found] = shape === undefined ? [] : tokenOf(shape, searched, start, start + match[0].length);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns which of the groups takes part in a match, from 0. */
function groupOf(match: RegExpExecArray): number {
  return match.findIndex((group, index) => index > 0 && (group as unknown) !== undefined) - 1;
}

function tokenOf(shape: TokenShape, searched: SearchedText, start: number, at: number): Finding[] {
  const { kind, characters, min, max = Infinity, countsWithinWords = false, accepts } = shape;
  if (searched.endsEscape(start) || (!countsWithinWords && !searched.isWordStart(start))) return [];
  const end = searched.runEnd(characters, at);
  if (end - at < min || end - at > max) return [];
  if (accepts?.(searched.text.slice(at, Math.min(end, at + MAX_SHOWN))) === false) return [];
  return [{ kind: typeof kind === 'string' ? kind : kind(searched.text.slice(at, end)), start, end }];
}

/** Tells whether a run of base64url, with its dots, begins here. */
function isSegmentStart(searched: SearchedText, start: number): boolean {
  return searched.isWordStart(start) && !/[._-]$/.test(searched.text.slice(Math.max(0, start - 1), start));
}
