import { CliError } from './cli-error';
import { sanitized } from './terminal';

const VERBS = ['create', 'list', 'rename', 'revoke'] as const;

/** The verbs that other tools use, and ours for each. The empty verb is `tracevault proxy token` itself. */
const SYNONYMS: ReadonlyMap<string, (typeof VERBS)[number] | ''> = new Map([
  ...['add', 'make', 'mint', 'new', 'generate', 'issue'].map((word) => [word, 'create'] as const),
  ...['ls', 'all', 'status'].map((word) => [word, 'list'] as const),
  ...['mv', 'name'].map((word) => [word, 'rename'] as const),
  ...['end', 'delete', 'del', 'rm', 'remove', 'expire'].map((word) => [word, 'revoke'] as const),
  ...['print', 'show', 'get', 'cat'].map((word) => [word, ''] as const),
]);

/** Refuses an unknown verb and suggests the one that was probably meant. @throws CliError (usage) always. */
export function refuseVerb(word: string): never {
  const verb = verbLike(word);
  const meant =
    verb === undefined ? `There are: ${VERBS.join(', ')}.` : `Did you mean: tracevault proxy token ${verb}`;
  throw new CliError(`There is no "tracevault proxy token ${sanitized(word)}".`, meant.trimEnd(), 2);
}

/** Returns the verb that a word is a synonym or a typo of (empty for the bare command); undefined if there is none. */
export function verbLike(word: string): string | undefined {
  const typed = word.toLowerCase();
  return SYNONYMS.get(typed) ?? VERBS.find((verb) => isTypoOf(verb, typed));
}

/** Whether the words differ by one inserted, missing or replaced letter, or by two that were swapped. */
function isTypoOf(verb: string, typed: string): boolean {
  if (verb === typed) return true;
  let same = 0;
  while (same < verb.length && verb[same] === typed[same]) same++;
  const [left, other] = [verb.slice(same), typed.slice(same)];
  const isSwapped = left[0] === other[1] && left[1] === other[0] && left.slice(2) === other.slice(2);
  return left.slice(1) === other || left === other.slice(1) || left.slice(1) === other.slice(1) || isSwapped;
}
