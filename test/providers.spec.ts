import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SRC = join(__dirname, '../src');

/** What only the row of a provider may spell: its paths, headers, key shapes, error type, host and variables. */
const SPELLED: readonly RegExp[] = [
  /x-goog-|v1beta|generativelanguage|GEMINI_/,
  /x-codex|openai-(?:organization|project)|x-openai|OPENAI_(?:BASE|API)|(?:api|platform)\.openai\.com/,
  /openrouter\.ai|sk-or-|OPENROUTER_/,
  /sk-ant/,
  /anthropic-(?!keys?\b)/i, // `anthropic-key` is a word of this server's own: an endpoint, a file, a table
  /x-claude-code/i,
  /x-api-key/i,
  /(?<!x-)\brequest-id/i,
  /x-should-retry/i,
  /\/proxy\/(?:anthropic|openai|gemini|openrouter)/,
  /api\.anthropic\.com|console\.anthropic\.com/,
  /(?<!TRACEVAULT_)\bANTHROPIC_(?:BASE|API|AUTH)/,
  /['"`]\/?v1\/(?:messages|models|files|complete)/,
];

/** The row, and who else may spell a part of it, each with a reason. */
const ALLOWED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['anthropic', 'openai', 'gemini', 'openrouter'].map((id) => [`providers/${id}.ts`, 'the row']),
  ),
  ...Object.fromEntries(
    ['anthropic', 'openai', 'gemini'].flatMap((dialect) => [
      [`providers/${dialect}-dialect.ts`, 'what the rows of a dialect have in common'],
      [`providers/${dialect}-explorer.ts`, 'the part of these rows that the explorer shows'],
    ]),
  ),
  'providers/dialects.ts': 'the table of dialects, which imports them',
  'providers/row-facts.ts': 'the headers that pass in every dialect',
  'config/credential-shapes.ts':
    'the one table of what secrets look like, which may know no room; providers.spec.ts holds each row to it',
  'config/providers-file.ts': 'what clients of a dialect add to a base URL, for its errors',
  'redaction/token-shapes.ts':
    'the table of what secrets in bodies look like, those of many services that are no providers among them',
  'config/variables.ts': 'the documentation of TRACEVAULT_ANTHROPIC_UPSTREAM, which names its default',
  'me/me.dto.ts': 'what these endpoints take and answer, in words',
  ...Object.fromEntries(
    ['admin-key', 'admin-reports', 'reconcile'].map((file) => [
      `operator/${file}.ts`,
      'a client of the Admin API that Anthropic alone has, with a key that no proxy request carries',
    ]),
  ),
  'cli/upstream-hop.ts':
    'the command is a client of the HTTP API, packed without the server; this calls it as an agent does',
  'cli/client-recipes.ts': 'the same; how people set up the clients of each provider',
  'cli/known-providers.ts': 'the same; what it knows of the built-in providers without a server',
  'cli/token-commands.ts': 'the same; an example',
};

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
);
const spelledIn = (file: string): string[] =>
  SPELLED.flatMap((pattern) => pattern.exec(readFileSync(join(SRC, file), 'utf8'))?.[0] ?? []);

describe('a provider is a row', () => {
  it('and nothing outside of it spells what is its own', () => {
    const found = sources
      .filter((file) => !(file in ALLOWED))
      .map((file) => [file, spelledIn(file)] as const)
      .filter(([, spelled]) => spelled.length > 0);
    expect(Object.fromEntries(found)).toEqual({});
  });

  it.each(Object.keys(ALLOWED))('and %s is excused for what it does spell', (file) => {
    expect(spelledIn(file)).not.toEqual([]);
  });
});
