import { execFileSync, spawn } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, freshDatabase } from './support/database';
import { runServer, TestProcess } from './support/process';

const ROOT = join(__dirname, '..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const PACKED = join(ROOT, 'dist/cli');
const MEGABYTE = 1_000_000;

/** `npm run build` packs it; the built server serves it. */
describe('the package of the tracevault command', () => {
  let server: TestProcess;
  let url: string;

  beforeAll(async () => {
    ({ server, url } = await runServer(await freshDatabase()));
  }, 90_000);
  afterAll(async () => {
    server.child.kill('SIGTERM');
    await server.exit;
  });

  /** With a home, a cache and a folder of its own, and a registry that nobody answers at. */
  const npm = async (home: string, program: 'npm' | 'npx', ...args: string[]): Promise<string> => {
    const ran = new TestProcess(
      spawn(program, args, {
        cwd: home,
        env: {
          PATH: process.env.PATH,
          HOME: home,
          npm_config_cache: join(home, 'cache'),
          npm_config_registry: 'http://127.0.0.1:1',
          npm_config_fetch_retries: '0',
          npm_config_audit: 'false',
          npm_config_update_notifier: 'false',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    expect([await ran.exit, ran.errors]).toEqual([0, expect.any(String)]);
    return ran.output;
  };

  it('installs from the server alone, needs no registry, runs, and takes less than a megabyte', async () => {
    const home = await emptyDirectory();
    await npm(home, 'npm', 'install', '--global', '--prefix', home, `${url}/cli/tracevault.tgz`);
    const command = join(home, 'bin/tracevault');
    const run = (...args: string[]): string => execFileSync(command, args, { encoding: 'utf8' });
    expect(run('--version')).toBe(`${version}\n`);
    expect(run('--help')).toContain('tracevault login --server');
    expect(run('proxy', 'token', '--help')).toContain('proxy token create');
    expect(run('completion', 'bash')).toContain('complete -F _tracevault tracevault');
    const installed = join(home, 'lib/node_modules');
    expect(readdirSync(installed).filter((name) => !name.startsWith('.'))).toEqual(['tracevault-cli']);
    const sizes = readdirSync(installed, { recursive: true }).map(
      (path) => lstatSync(join(installed, String(path))).size,
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MEGABYTE);
  }, 120_000);

  it('runs by npx without being installed, and reaches the server that it came from', async () => {
    const home = await emptyDirectory();
    const args = ['--yes', `${url}/cli/tracevault.tgz`];
    expect(await npm(home, 'npx', ...args, '--version')).toContain(version);
  }, 120_000);

  it('is served by its version for good, and as the newest with a look each time', async () => {
    const packed = readFileSync(join(PACKED, 'tracevault.tgz'));
    for (const [name, cached] of [
      ['tracevault.tgz', 'no-cache'],
      [`tracevault-${version}.tgz`, 'public, max-age=31536000, immutable'],
    ] as const) {
      const whole = await fetch(`${url}/cli/${name}`, { headers: { range: 'bytes=9999999-' } });
      const head = await fetch(`${url}/cli/${name}`, { method: 'HEAD' });
      for (const { status, headers } of [whole, head]) {
        expect(status).toBe(200);
        expect(headers.get('content-type')).toBe('application/gzip');
        expect(headers.get('content-encoding')).toBeNull();
        expect(headers.get('content-length')).toBe(String(packed.length));
        expect(headers.get('cache-control')).toBe(cached);
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      }
      expect(Buffer.from(await whole.arrayBuffer())).toEqual(packed);
    }
  });

  it.each(['/cli/tracevault-9.9.9.tgz', '/cli/', '/cli', '/cli/..%2fsrc%2fmain.js', '/cli/../package.json'])(
    'has nothing at %s',
    async (path) => {
      const { status, headers } = await fetch(`${url}${path}`);
      expect([status, headers.get('cache-control')]).toEqual([404, 'no-store']);
    },
  );

  it('goes with the server’s own package', () => {
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'];
    const [{ files }] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' })) as [
      { files: { path: string }[] },
    ];
    for (const name of readdirSync(PACKED))
      expect(files.map(({ path }) => path)).toContain(`dist/cli/${name}`);
  }, 60_000);

  it('takes no method that changes something', async () => {
    const { status } = await fetch(`${url}/cli/tracevault.tgz`, { method: 'PUT', body: 'x' });
    expect(status).toBe(404);
  });

  it('is the same to the byte each time it is packed', async () => {
    const folder = await emptyDirectory();
    execFileSync(process.execPath, [join(ROOT, 'scripts/pack-cli.mjs'), folder]);
    expect(readdirSync(folder).sort()).toEqual([`tracevault-${version}.tgz`, 'tracevault.tgz']);
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name)).equals(readFileSync(join(PACKED, name)))).toBe(true);
  }, 60_000);
});
