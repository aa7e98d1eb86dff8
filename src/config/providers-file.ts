import { withoutTrailingSlash } from './base-url';
import { httpUrl } from './env-rules';
import { isObject, readJsonFile } from './json-file';
import { BUILT_IN_DIALECTS, Dialect, DIALECTS, OperatorProvider } from './operator-provider';

const NAME = 'TRACEVAULT_PROVIDERS';
const FIELDS = ['id', 'dialect', 'base_url', 'label', 'credential', 'enabled'];
const BASE_URL = httpUrl({ path: true });
/** The segment with which the paths of a dialect begin: at the end of a base URL it would be there twice. */
const FIRST_SEGMENTS: Readonly<Record<Dialect, string>> = {
  anthropic: '/v1',
  openai: '/v1',
  gemini: '/v1beta',
};

/** An entry as it stands in the file. */
type Entry = Pick<OperatorProvider, 'id' | 'dialect' | 'label' | 'credential'> & {
  readonly base_url: string | undefined;
  readonly enabled?: boolean;
};

interface ProvidersFile {
  readonly providers: readonly OperatorProvider[];
  /** All errors of the file, as lines that begin with the variable's name. */
  readonly problems: readonly string[];
}

/** Reads the operator's file of providers. No message quotes a value but an id, because a URL may hold a password. */
export function readProvidersFile(path: string | undefined): ProvidersFile {
  if (path === undefined) return { providers: [], problems: [] };
  const file = readJsonFile(path);
  if ('problem' in file) return { providers: [], problems: [`${NAME}: the file ${file.problem}`] };
  const { content } = file;
  if (!Array.isArray(content)) return { providers: [], problems: [`${NAME}: the file must be a JSON list`] };
  const problems = content.flatMap((entry: unknown, index) =>
    problemsOf(entry).map((problem) => `${NAME}: ${nameOf(entry, index)} ${problem}`),
  );
  const ids = content.map((entry) => (isObject(entry) ? entry.id : undefined));
  const repeated = new Set(
    ids.filter((id, index): id is string => typeof id === 'string' && ids.indexOf(id) !== index),
  );
  for (const id of repeated) problems.push(`${NAME}: the id ${JSON.stringify(id)} occurs more than once`);
  return { providers: problems.length > 0 ? [] : content.map(entryOf), problems };
}

function problemsOf(entry: unknown): string[] {
  if (!isObject(entry)) return ['must be an object'];
  const { id, dialect, base_url: baseUrl, label, credential, enabled } = entry;
  const builtIn = typeof id === 'string' ? BUILT_IN_DIALECTS.get(id) : undefined;
  const isBuiltIn = builtIn !== undefined;
  const unknown = Object.keys(entry).filter((field) => !FIELDS.includes(field));
  const isUrl = typeof baseUrl === 'string' && BASE_URL.problemOf(baseUrl, NAME) === undefined;
  const spoken = builtIn ?? DIALECTS.find((known) => known === dialect);
  const first = spoken === undefined ? undefined : FIRST_SEGMENTS[spoken];
  const faults: [isFault: boolean, message: string][] = [
    [unknown.length > 0, `has fields that do not exist; the known ones are ${FIELDS.join(', ')}`],
    [
      typeof id !== 'string' || !/^(?!v\d)[a-z][a-z0-9-]{0,31}$/.test(id),
      'needs an id of at most 32 lower-case letters, digits and hyphens, which begins with a letter and not like a version (v1)',
    ],
    [
      isBuiltIn && (dialect !== undefined || credential !== undefined),
      'is a built-in provider, of which base_url, label and enabled can be changed and nothing else',
    ],
    [!isBuiltIn && !DIALECTS.includes(dialect as Dialect), `needs a dialect, one of ${DIALECTS.join(', ')}`],
    [!isBuiltIn && baseUrl === undefined, 'needs a base_url'],
    [
      baseUrl !== undefined && !isUrl,
      `needs a base_url that begins with http:// or https://, without user name, query, fragment`,
    ],
    [
      isUrl && first !== undefined && withoutTrailingSlash(baseUrl).endsWith(first),
      `has a base_url that ends in ${first ?? ''}; leave that out, since the paths of requests begin with it`,
    ],
    [
      label !== undefined &&
        (typeof label !== 'string' || !/^\P{C}{1,64}$/u.test(label) || label.trim() === ''),
      'needs a label of 1 to 64 visible characters, or none',
    ],
    [credential !== undefined && credential !== 'api-key', 'has a credential, which can only be "api-key"'],
    [enabled !== undefined && typeof enabled !== 'boolean', 'needs enabled to be true or false, or none'],
  ];
  return faults.filter(([isFault]) => isFault).map(([, message]) => message);
}

/** Converts an entry without errors. */
function entryOf(entry: unknown): OperatorProvider {
  const { id, dialect, base_url: url, label, credential, enabled = true } = entry as Entry;
  return {
    id,
    dialect,
    baseUrl: url === undefined ? undefined : withoutTrailingSlash(url),
    label,
    credential,
    enabled,
  };
}

function nameOf(entry: unknown, index: number): string {
  const id = isObject(entry) ? entry.id : undefined;
  return typeof id === 'string' && /^[\w-]{1,32}$/.test(id) ? `entry "${id}"` : `entry ${index + 1}`;
}
