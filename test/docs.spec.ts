import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { getMetadataArgsStorage } from 'typeorm';
import { AGENTS_OWN, COMMANDS_OWN, VARIABLES } from '../src/config/variables';
import { schema } from '../src/database/schema';
import { AUTH_FAILURES, OUTCOMES, UPSTREAM_FAILURES } from '../src/exchange/facts';
import { readText } from './support/manifests';

const ROOT = join(__dirname, '..');
const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));

const DOCS = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  ...[...filesIn('docs'), ...filesIn('bench/results')].filter((file) => file.endsWith('.md')),
];
const sources = filesIn('src').filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));

const codesIn = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
/** The rows of all tables of a text, without their heads, as cells. */
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|-]*$/.test(line))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
/** What stands below a heading, as far as the next one. */
function section(file: string, heading: string): string {
  const [, found] = new RegExp(`\n#+ ${heading}\n([^]*?)(?=\n#|$)`).exec(readText(file)) ?? [];
  if (found === undefined) throw new Error(`${file} has no section "${heading}"`);
  return found;
}

describe('the documents', () => {
  const headings = new Map(
    DOCS.map((file) => [
      file,
      [...readText(file).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      ),
    ]),
  );

  it.each(DOCS)('%s leads to nothing that is not there', (file) => {
    const broken = [...readText(file).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? file : normalize(join(dirname(file), path));
        if (!existsSync(join(ROOT, target))) return true;
        return anchor !== undefined && !headings.get(target)?.includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  /** Of people's machines, of the build, and of a decision that says what it was called before. */
  const ELSEWHERE = ['credentials.json', 'last-server.json', 'upstream-transport.ts', 'web/dist'];

  it.each(DOCS)('%s names no file that is not there', (file) => {
    const folders = ['src', 'test', 'web', 'deploy', 'docs', 'migrations', 'scripts', 'bench', '.ci'];
    const there = [
      ...folders.flatMap((folder) => filesIn(folder)),
      ...readdirSync(ROOT),
      ...readdirSync(join(ROOT, 'deploy')),
    ];
    const isFile = /^[\w./-]+\.(ts|js|mjs|svelte|md|sh|ya?ml|json|conf)$/;
    const isPath = new RegExp(`^(${folders.join('|')})/[\\w./-]*$`);
    const missing = codesIn(readText(file))
      .filter(
        (code) => (isFile.test(code) || isPath.test(code)) && !ELSEWHERE.includes(code.replace(/\/$/, '')),
      )
      .map((code) => code.replace(/\/$/, ''))
      .filter((code) =>
        there.every(
          (path) =>
            path !== code &&
            !path.endsWith(`/${code}`) &&
            !path.startsWith(`${code}/`) &&
            !path.startsWith(`${code}.`),
        ),
      );
    expect(missing).toEqual([]);
  });
});

describe('the variables', () => {
  const known = Object.keys(VARIABLES);
  /** Read by the command. */
  const OTHERS = [COMMANDS_OWN, AGENTS_OWN];
  /** Of Kubernetes, which must not set it. */
  const REFUSED = ['TRACEVAULT_PORT'];

  it('of docs/configuration.md are those of the server', () => {
    const [table = ''] = section('docs/configuration.md', 'The server').split('\nNode itself');
    const listed = rowsOf(table)
      .slice(1)
      .flatMap(([name = '']) => codesIn(name));
    expect(listed).toEqual(known);
  });

  it.each([...DOCS, ...filesIn('deploy')])('%s names no other', (file) => {
    const named = readText(file).match(/\bTRACEVAULT_[A-Z_]*[A-Z]\b/g) ?? [];
    expect(named.filter((name) => ![...known, ...OTHERS, ...REFUSED].includes(name))).toEqual([]);
  });
});

describe('the endpoints', () => {
  const known = [
    ...readText('web/src/api/schema.d.ts').matchAll(/^ {4}"(\/[^"]*)": \{([^]*?)^ {4}\};/gm),
  ].flatMap(([, path, methods]) =>
    [...methods!.matchAll(/^ {8}(get|put|post|patch|delete): /gm)].map(
      ([, method]) => `${method!.toUpperCase()} ${path!.replace(/\{\w+\}/g, '{}')}`,
    ),
  );

  it.each([...DOCS, 'src/api/explorer.ts'])('%s names no other', (file) => {
    const named = [...readText(file).matchAll(/`(GET|PUT|POST|PATCH|DELETE) \/?([a-z][^`?\\]*)[^`]*`/g)]
      .map(([, method, path]) => `${method!} /${path!.replace(/\{\w+\}/g, '{}')}`)
      .map((one) => one.replace(/ \/(auth|me|orgs|invites|server)\b/, ' /api/v1/$1'))
      .filter((one) => !/ \/(v1\/|metrics$|http:)/.test(one)); // the vendor's, another port's, targets that name a host
    expect(named.filter((one) => !known.includes(one))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  it('has the walls that the linter holds', () => {
    const { mayKnow, everyone } = wallsOf(readText('eslint.config.mjs'));
    const rows = rowsOf(section('docs/architecture.md', 'The walls')).slice(1);
    const written = Object.fromEntries(
      rows.map(([room = '', known = '']) => [codesIn(room)[0]!, codesIn(known.split(';')[0]!).sort()]),
    );
    const held = Object.fromEntries(
      Object.entries(mayKnow).map(([room, known]) => [
        room,
        known.filter((one) => !everyone.includes(one)).sort(),
      ]),
    );
    expect(written).toEqual(held);
  });

  it('has every fault of the proxy, with its status and type', () => {
    const problems = [
      ...readText('src/proxy/proxy-error.ts').matchAll(/^ {2}(\w+): \{\s+status: (\d+),\s+type: '(\w+)'/gm),
    ].map(([, problem, status, type]) => [problem!, status!, type!]);
    const written = rowsOf(section('docs/architecture.md', 'Errors'))
      .slice(1)
      .flatMap(([names = '', status = '', type = '']) =>
        codesIn(names).map((name) => [name, status, codesIn(type)[0]!]),
      );
    expect(problems.length).toBeGreaterThan(20);
    expect(written.sort()).toEqual(problems.sort());
  });

  it('says where each room is', () => {
    const listed = codesIn(section('docs/architecture.md', 'Where things are')).flatMap(
      (code) => /^src\/([\w-]+)\/$/.exec(code)?.[1] ?? [],
    );
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(listed.sort()).toEqual(rooms.sort());
  });
});

/** The two tables at the head of the linter's configuration, read as text: its plugins are ES modules. */
function wallsOf(config: string): { everyone: string[]; mayKnow: Record<string, string[]> } {
  const listed = (text: string): string[] => [...text.matchAll(/'(\w+)'/g)].map(([, room]) => room!);
  const everyone = listed(/const everyone = \[(.*)\]/.exec(config)![1]!);
  const [, table = ''] = /const mayKnow = \{([^]*?)\n\};/.exec(config)!;
  const rows = [...table.matchAll(/^ {2}(\w+): \[([^\]]*)\],$/gm)];
  return { everyone, mayKnow: Object.fromEntries(rows.map(([, room, known]) => [room!, listed(known!)])) };
}

describe('README.md', () => {
  const lines = readText('README.md').split('\n');

  it('starts the server with one line, and passes every test with another', () => {
    for (const line of ['npm ci && npm start', 'npm ci && npm test'])
      expect(lines[lines.indexOf(line) - 1]).toBe('```sh');
  });

  it('stays short enough to be read', () => {
    expect(lines.length).toBeLessThan(140);
  });
});

describe('docs/comparison.md', () => {
  const [head = [], ...rows] = rowsOf(readText('docs/comparison.md'));
  const sources = [...section('docs/comparison.md', 'Sources').matchAll(/^- ([A-Z]\d+): \[/gm)].map(
    ([, id]) => id!,
  );
  const cited = [...readText('docs/comparison.md').matchAll(/\[([A-Z]\d+)\]\(#sources\)/g)].map(
    ([, id]) => id!,
  );

  it('has a source for every fact about another gateway, or says that none was found', () => {
    const unfounded = rows.flatMap(([question, , ...others]) =>
      others.flatMap((fact, index) =>
        fact === '—' || fact.includes('](#sources)') ? [] : [`${question!}, ${head[index + 2]!}: ${fact}`],
      ),
    );
    expect(rows.length).toBeGreaterThan(15);
    expect(unfounded).toEqual([]);
  });

  it('lists each source that is cited, and no other', () => {
    expect([...new Set(cited)].sort()).toEqual([...sources].sort());
  });
});

describe('docs/proxy.md', () => {
  const statusesOf = (text: string, pattern: RegExp): string[] =>
    [...new Set([...text.matchAll(pattern)].map(([, status]) => status!))].sort();
  const refusals = statusesOf(readText('src/proxy/proxy-error.ts'), /status: (\d+)/g);

  it('has every status with which the proxy itself says no', () => {
    const table = section('docs/proxy.md', 'Errors');
    expect(statusesOf(table, /^\| (\d+) /gm)).toEqual(refusals);
  });

  it('has the same ones as the OpenAPI document', () => {
    const document = readText('web/src/api/schema.d.ts');
    const [, operation = ''] = /"\/proxy\/anthropic\/v1\/models": \{([^]*?)^ {4}\};/m.exec(document)!;
    expect(statusesOf(operation, /^ {16}([45]\d\d): /gm)).toEqual(refusals);
  });
});

describe('docs/operations.md', () => {
  const rows = rowsOf(section('docs/operations.md', 'Metrics')).slice(1);

  it('has every metric of the server’s own, and no other', () => {
    const code = sources
      .filter((file) => file.startsWith('src/metrics/'))
      .map(readText)
      .join('\n');
    const pool = [...code.matchAll(/^ {6}\['(\w+)', 'Database|^ {6}\['(\w+)', 'Queries/gm)].map(
      ([, one, other]) => `tracevault_db_pool_${one ?? other ?? ''}`,
    );
    const real = [...code.matchAll(/name: '(tracevault_\w+)'/g)].map(([, name]) => name!);
    const written = rows.flatMap(([names = '']) => {
      const [first = '', ...more] = codesIn(names);
      if (!first.startsWith('tracevault_')) return [];
      // `tracevault_db_pool_max`, `_size`
      return [first, ...more.map((end) => (end.startsWith('_') ? first.replace(/_[a-z]+$/, end) : end))];
    });
    expect(written.sort()).toEqual([...real, ...pool].sort());
  });

  it.each([
    ['tracevault_auth_failures_total', AUTH_FAILURES],
    ['tracevault_upstream_failures_total', UPSTREAM_FAILURES],
  ])('has every reason of %s', (metric, reasons) => {
    const [, , meaning = ''] = rows.find(([name]) => name!.includes(metric))!;
    expect(
      codesIn(meaning)
        .filter((code) => /^[a-z_]+$/.test(code))
        .sort(),
    ).toEqual([...reasons].sort());
  });

  it('has every field of a request’s line, and every outcome', () => {
    const tables = rowsOf(section('docs/operations.md', 'Logs')).map(([name = '']) => codesIn(name)[0] ?? '');
    const fields = [
      ...readText('src/logging/request-log.ts').matchAll(/(?:text|number)\('(\w+)'|"(request_id)"/g),
    ].map(([, one, other]) => one ?? other!);
    expect(tables.filter((name) => name !== '').sort()).toEqual([...fields, ...OUTCOMES].sort());
  });
});

describe('docs/security.md', () => {
  it('has every table and column of the database, and no other', () => {
    const { columns, tables } = getMetadataArgsStorage();
    const real = schema.entities.flatMap((entity) => {
      const { name } = tables.find(({ target }) => target === entity)!;
      return columns
        .filter(({ target }) => target === entity)
        .map(({ options, propertyName }) => `${name!}.${options.name ?? propertyName}`);
    });
    /** Which row it is: of these nothing is told but whose they are. */
    const isKey = (column: string): boolean => /\.(id|user_id|org_id)$/.test(column);
    const rows = rowsOf(section('docs/security.md', 'What is stored, where, and for how long')).slice(1);
    const written = rows.flatMap(([, where = '']) => {
      const names = codesIn(where);
      const [table = ''] = names[0]?.split('.') ?? [];
      if (!real.some((column) => column.startsWith(`${table}.`))) return [];
      return names.flatMap((name) => {
        if (name.includes('.')) return [name];
        const whole = real.filter((column) => column.startsWith(`${name}.`));
        return whole.length > 0 ? whole : [`${table}.${name}`];
      });
    });
    expect(real.filter((column) => !isKey(column) && !written.includes(column))).toEqual([]);
    expect(written.filter((column) => !real.includes(column))).toEqual([]);
  });
});

describe('the tests', () => {
  const suites = ['src', 'test', 'web/src', 'bench']
    .flatMap(filesIn)
    .filter((file) => /spec\.ts$/.test(file));
  const nameOf = (file: string): string => basename(file).replace(/\.[\w-]*spec\.ts$|\.spec\.ts$/, '');
  const plain = (text: string): string => text.replace(/\\'|’/g, "'").replace(/\s+/g, ' ');
  const texts = new Map(suites.map((file) => [file, plain(readFileSync(join(ROOT, file), 'utf8'))]));
  const suitesCalled = (name: string): string[] =>
    suites.filter((file) =>
      name.endsWith('.spec.ts') || name.includes('/')
        ? file === name || file.endsWith(`/${name}`) || file.replace(/\.[\w-]*spec\.ts$/, '') === name
        : file.startsWith('test/') && nameOf(file) === name,
    );
  /** The cells that name tests: all of docs/proofs.md, and of docs/security.md the last ones. */
  const cells = [
    ...rowsOf(readText('docs/proofs.md')).flat(),
    ...rowsOf(readText('docs/security.md')).flatMap((row) => row.slice(-1)),
  ];
  /** Each suite that is named with a colon behind it, and what is said to be in it. */
  const quoted = cells.flatMap((cell) =>
    [...cell.matchAll(/`([a-z][a-z0-9-]*|[\w/.-]+\.spec\.ts)`: ([^`]*)/g)].flatMap(([, suite, behind]) =>
      behind!
        .split(/\.(?:\s|$)/, 1)[0]!
        .split(';')
        .flatMap((title) => title.replace(/ ?\(.*/, '').split('…'))
        .map((part) => plain(part).replace(/^[\s,.]+|[\s,.]+$/g, ''))
        .filter((part) => part !== '')
        .map((part): [string, string] => [suite!, part]),
    ),
  );

  it('that are named by a path are there', () => {
    const named = cells.flatMap(codesIn).filter((code) => /\.spec\.ts$|^test\/(web|deploy)\/./.test(code));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => suitesCalled(name).length === 0)).toEqual([]);
  });

  it.each(quoted)('%s has: %s', (suite, part) => {
    expect(suitesCalled(suite)).not.toEqual([]);
    expect(suitesCalled(suite).some((file) => texts.get(file)!.includes(part))).toBe(true);
  });

  it('that run the server are all told of', () => {
    const named = new Set(cells.flatMap(codesIn).map((code) => nameOf(`${code}.spec.ts`)));
    const untold = suites.filter((file) => file.startsWith('test/') && !named.has(nameOf(file)));
    expect(untold).toEqual(['test/bench.e2e-spec.ts']); // promises nothing
  });
});

describe('docs/decisions/0007', () => {
  it('has a reason for every package that a server is installed with, and none for another', () => {
    const { dependencies, devDependencies } = JSON.parse(readText('package.json')) as Record<string, object>;
    const rows = rowsOf(readText('docs/decisions/0007-dependencies.md'));
    const written = rows.flatMap(([names = '']) =>
      codesIn(names).map((name) => (name === 'core' ? '@nestjs/core' : name)),
    );
    const all = Object.keys({ ...dependencies, ...devDependencies });
    expect(Object.keys(dependencies!).filter((name) => !written.includes(name))).toEqual([]);
    expect(written.filter((name) => !all.includes(name))).toEqual([]);
  });
});
