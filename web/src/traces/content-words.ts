import { exactCount } from '../ui/numbers';
import type { FirstDifference, KeptBody, KeptState } from './content';

/** Says which part of a request ends what the provider can have cached of it. */
export function differenceInWords({ part, index, name }: FirstDifference): string {
  return `The cache can’t reach beyond here: ${differing(part, index, name)} from the call before.`;
}

function differing(part: FirstDifference['part'], index: number | null, name: string | null): string {
  switch (part) {
    case 'model':
      return 'the model differs';
    case 'system':
      return 'the system prompt differs';
    case 'tools':
      if (name !== null) return `the tool “${name}” differs`;
      return index === null ? 'the tools differ' : `tool ${index + 1} differs`;
    case 'messages':
      return index === null ? 'the messages differ' : `message ${index + 1} differs`;
  }
}

/** Why there is nothing to be seen of a body, and what can be done about it. */
const MISSING_WORDS: Record<Exclude<KeptState, 'kept'>, string> = {
  not_kept: 'is kept.',
  deleted: 'is left: it was deleted, or was past its retention.',
  dropped: 'is kept: it could not be kept in time. The call itself was not affected.',
  too_large: 'is kept: it was too large. Its digest is below.',
};

/** Says what is not kept of a call, once for both bodies if they have the same reason. */
export function missingInWords({
  request,
  response,
}: {
  readonly request: Pick<KeptBody, 'state'>;
  readonly response: Pick<KeptBody, 'state'>;
}): string[] {
  if (request.state === response.state) return missing('call', request.state);
  return [...missing('request', request.state), ...missing('answer', response.state)];
}

function missing(what: string, state: KeptState): string[] {
  return state === 'kept' ? [] : [`Nothing of this ${what} ${MISSING_WORDS[state]}`];
}

/** Returns what a role of a message is called; one that is not known goes by its own name. */
export function roleInWords(role: string): string {
  return ROLES.get(role) ?? role;
}

const ROLES: ReadonlyMap<string, string> = new Map([
  ['user', 'User'],
  ['assistant', 'Assistant'],
  ['system', 'System'],
  ['developer', 'Developer'],
  ['tool', 'Tool'],
]);

/** Returns a number of things, as in “1 tool” and “1,234 tools”. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${exactCount(count)} ${count === 1 ? one : many}`;
}
