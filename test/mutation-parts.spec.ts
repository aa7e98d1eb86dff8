import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Part {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

const ROOT = join(__dirname, '..');
const parts = Object.entries(jest.requireActual<Record<string, Part>>('./mutation/parts.js'));
const files = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
);

/** The paths that `a/{b,c}.ts` stands for; others stand for themselves. */
function expanded(pattern: string): string[] {
  const [, before = '', names = '', after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? [];
  return names === '' ? [pattern] : names.split(',').map((name) => before + name + after);
}

/** A name in braces that is of no file changes nothing, and nobody is told. */
describe.each(parts)('the mutation test of %s', (_name, { mutate, tests }) => {
  it('changes files that exist', () => {
    const named = mutate.flatMap(expanded).filter((path) => !path.includes('*'));
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('runs suites that exist', () => {
    const suites = files.filter((file) => file.endsWith('spec.ts'));
    expect(tests.filter((test) => !suites.some((suite) => suite.startsWith(test)))).toEqual([]);
  });
});
