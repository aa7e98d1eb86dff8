import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from './support/manifests';

const SDK = 'node_modules/@anthropic-ai/sdk/resources/messages/messages';

/** What people read, run or copy from. What only passes as bytes in a test may be called anything. */
const PLACES = [
  'README.md',
  'CONTRIBUTING.md',
  'docs',
  'src',
  'web/src',
  'web/index.html',
  'bench',
  'deploy',
  'scripts',
  'test/support', // the demo
  'test/real-api.e2e-spec.ts',
];
/** What is about prices and usage, of models of the past and under the names of other clouds as well. */
const PRICED =
  /^(?:src\/metering\/|src\/config\/price|scripts\/price-table\.mjs|docs\/metering\.md|test\/support\/metered\.ts)/;
const READ = /\.(md|ts|mjs|js|json|svelte|html|ya?ml|conf|css|sh)$/;

/** A model of today's naming (`claude-opus-5-5`) or of the earlier one (`claude-3-opus-20240229`). */
const MODEL = /claude-(?:(?:opus|sonnet|haiku|fable|mythos|instant)-[a-z0-9-]*\d|\d[a-z0-9.-]*)/g;

function modelsIn(text: string): string[] {
  return [...text.matchAll(MODEL)].map(([name]) => name);
}

function filesIn(place: string): string[] {
  if (READ.test(place)) return [place];
  const entries = readdirSync(join(__dirname, '..', place), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && READ.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(__dirname, '..').length + 1));
}

/** The part of a file of the SDK's that a pattern finds. @throws when the SDK has it no more, so that the test can't pass by mistake. */
function partOf(file: string, pattern: RegExp): string {
  const [, part] = pattern.exec(readText(file)) ?? [];
  if (part === undefined)
    throw new Error(`${file} has no ${pattern.source}: look where the SDK keeps it now`);
  return part;
}

describe('the names of models in what people read, run or copy from', () => {
  const deprecated = modelsIn(partOf(`${SDK}.js`, /DEPRECATED_MODELS = \{([^}]+)\}/));
  const known = modelsIn(partOf(`${SDK}.d.ts`, /export type Model = ([^;]+);/));
  const named = PLACES.flatMap(filesIn)
    .filter((file) => !PRICED.test(file))
    .flatMap((file) => modelsIn(readText(file)).map((model) => ({ file, model })));

  it('are looked for in the installed SDK’s own tables', () => {
    expect(deprecated).not.toEqual([]);
    expect(known).toContain(deprecated[0]);
    expect(named.map(({ file }) => file)).toEqual(
      expect.arrayContaining([
        'README.md',
        'test/support/fake-anthropic-api.ts',
        'src/providers/anthropic-explorer.ts',
      ]),
    );
  });

  it('are none that the SDK says is at the end of its life', () => {
    expect(named.filter(({ model }) => deprecated.includes(model))).toEqual([]);
  });

  it('are all known to the SDK', () => {
    expect(named.filter(({ model }) => !known.includes(model))).toEqual([]);
  });

  it.each([
    ['claude-sonnet-4-5', ['claude-sonnet-4-5']],
    ['"claude-3-5-sonnet-20241022"', ['claude-3-5-sonnet-20241022']],
    ['claude-opus-5-5-', ['claude-opus-5-5']],
    ['claude-code, claude-cli/2.1.330, claude-test', []],
  ])('are found in %s', (text, models) => {
    expect(modelsIn(text)).toEqual(models);
  });
});
