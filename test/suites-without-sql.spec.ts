import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const SUITE = /\.e2e-spec\.ts$/;
const listed = Object.entries(jest.requireActual<Record<string, string>>('./postgres/suites-without-sql.js'));
const textOf = (name: string): string => readFileSync(join(__dirname, `${name}.e2e-spec.ts`), 'utf8');
/** What a suite needs that looks into the database, holds its connections or asks which one it is. */
const SQL =
  /\b(\w*[dD]ataSource|getRepository|QueryRunner|occupyDatabase|invalidateAuthCache|postgresOnly|itOnPostgres|DATABASE_URL|TEST_DATABASE_URL)\b/;

describe('the suites that the PostgreSQL pass leaves out', () => {
  it('are all there, each with its reason', () => {
    const suites = readdirSync(__dirname).filter((file) => SUITE.test(file));
    expect(suites).toEqual(expect.arrayContaining(listed.map(([name]) => `${name}.e2e-spec.ts`)));
    for (const [, reason] of listed) expect(reason).toMatch(/^[a-z]+ .+[^.]$/);
  });

  it.each(listed.filter(([, reason]) => reason !== 'is of the embedded database alone'))(
    '%s touches no SQL: it %s',
    (name) => expect(SQL.exec(textOf(name))?.[0]).toBeUndefined(),
  );

  it.each(listed.filter(([, reason]) => reason === 'is of the embedded database alone'))(
    '%s would be skipped there as a whole',
    (name) => {
      const blocks = textOf(name).match(/^(\w+)\(/gm) ?? [];
      expect(new Set(blocks.filter((block) => /^(describe|it|\w+Only)\($/.test(block)))).toEqual(
        new Set(['embeddedOnly(']),
      );
    },
  );

  it('are those and no others', () => {
    const jestBin = require.resolve('jest/bin/jest');
    const args = [jestBin, '--config', join(__dirname, 'postgres/jest.config.js'), '--listTests', '--json'];
    const run = JSON.parse(execFileSync(process.execPath, args).toString()) as string[];
    const left = new Set(listed.map(([name]) => name));
    const expected = readdirSync(__dirname).filter(
      (file) => SUITE.test(file) && !left.has(file.replace(SUITE, '')),
    );
    expect(run.map((path) => basename(path)).sort()).toEqual(expected.sort());
  });
});
