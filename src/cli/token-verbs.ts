import { CliError } from './cli-error';
import { sanitized } from './terminal';

const VERBS = ['create', 'list', 'rename', 'revoke'] as const;

/** What other tools call it. The empty verb is `tracevault proxy token` itself. */
const SYNONYMS: ReadonlyMap<string, (typeof VERBS)[number] | ''> = new Map([
  ...['add', 'make', 'mint', 'new', 'generate', 'issue'].map((word) => [word, 'create'] as const),
  ...['ls', 'all', 'status'].map((word) => [word, 'list'] as const),
  ...['mv', 'name'].map((word) => [word, 'rename'] as const),
  ...['end', 'delete', 'del', 'rm', 'remove', 'expire'].map((word) => [word, 'revoke'] as const),
  ...['print', 'show', 'get', 'cat'].map((word) => [word, ''] as const),
]);

/** For a word that is none of the verbs: says so, and which was probably meant. */
export function refuseVerb(word: string): never {
  const verb = verbLike(word);
  const meant =
    verb === undefined ? `There are: ${VERBS.join(', ')}.` : `Did you mean: tracevault proxy token ${verb}`;
  throw new CliError(`There is no "tracevault proxy token ${sanitized(word)}".`, meant.trimEnd(), 2);
}

/** Undefined where it is like none of them. */
export function verbLike(word: string): string | undefined {
  const typed = word.toLowerCase();
  return SYNONYMS.get(typed) ?? VERBS.find((verb) => isTypoOf(verb, typed));
}

/** One letter too many, too few or another, or two that changed places. */
function isTypoOf(verb: string, typed: string): boolean {
  if (verb === typed) return true;
  let same = 0;
  while (same < verb.length && verb[same] === typed[same]) same++;
  const [left, other] = [verb.slice(same), typed.slice(same)];
  const isSwapped = left[0] === other[1] && left[1] === other[0] && left.slice(2) === other.slice(2);
  return left.slice(1) === other || left === other.slice(1) || left.slice(1) === other.slice(1) || isSwapped;
}
