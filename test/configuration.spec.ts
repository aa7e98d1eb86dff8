import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS_OWN, VARIABLES } from '../src/config/variables';
import { withVariablesTable } from './support/configuration-page';
import { readText } from './support/manifests';

const ROOT = join(__dirname, '..');
const PAGE = 'docs/configuration.md';

const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|js)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));

/** The names in the first cells of the page's tables. */
const listed = [...readText(PAGE).matchAll(/^\| (`[^|]*`) +\|/gm)].flatMap(([, cell]) =>
  [...cell!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
);

describe('docs/configuration.md', () => {
  it('is what the table of variables says today; `npm run docs:config` writes it again', () => {
    const page = withVariablesTable(readText(PAGE));
    if (process.env.WRITE_CONFIGURATION === '1') writeFileSync(join(ROOT, PAGE), page);
    expect(readText(PAGE)).toBe(page);
  });

  it('lists every variable of the server and of the command, each once', () => {
    expect(listed).toEqual([...new Set(listed)]);
    expect(listed).toEqual(expect.arrayContaining([...Object.keys(VARIABLES), COMMANDS_OWN]));
  });

  it('says something in full sentences of each variable of the server', () => {
    for (const { about, usedBy } of Object.values(VARIABLES)) {
      expect(about).toMatch(/^[A-Z][^]*\.$/);
      expect(usedBy).not.toEqual([]);
    }
  });

  it('lists every variable that the code reads by its name', () => {
    /** Of the operating system, of agents (docs/proxy.md), or set by one process of the tests and the bench for another. */
    const others = [
      ...['PATH', 'HOME', 'ANTHROPIC_BASE_URL', 'TEST_ROOT', 'SUITE_ROOT', 'MUTATE_PART', 'ENGINE'],
      ...['UPSTREAM', 'TLS_KEY', 'TLS_CERT', 'CLOSE'],
    ];
    /** From the process's own environment, or from one that was passed on under the name `env`. */
    const folders = ['src', 'bench', 'test', 'scripts', 'web/src', 'migrations'];
    const read = folders.flatMap(filesIn).flatMap((file) => {
      const text = readText(file);
      const one = [...text.matchAll(/(?<![\w.])(?:(?:process|io)\.)?env\.([A-Z][A-Z_]+)\b/g)].map(
        ([, name]) => name!,
      );
      const several = [...text.matchAll(/\{([^{}]+)\} = [\w.]*\benv\b/g)].flatMap(([, names]) =>
        names!.split(','),
      );
      return [...one, ...several.map((name) => /\w+/.exec(name)![0]).filter((name) => /^[A-Z]/.test(name))];
    });
    expect(read).toEqual(expect.arrayContaining(['APPDATA', 'NO_COLOR', 'TRACEVAULT_SERVER', 'SHELL']));
    expect([...new Set(read)].filter((name) => !others.includes(name) && !listed.includes(name))).toEqual([]);
  });

  it('lists every variable that a script of package.json sets', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const set = Object.values(scripts).flatMap((line) =>
      [...line.matchAll(/(?:^|&& )([A-Z_]+)=/g)].map(([, name]) => name!),
    );
    expect(set.length).toBeGreaterThan(2);
    expect(set.filter((name) => !listed.includes(name))).toEqual([]);
  });
});
