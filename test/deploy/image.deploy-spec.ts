import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { templateName } from '../../src/database/database-template';
import { Image } from './image';
import { Container, demandBubblewrap, plainFolder, remove } from './sandbox';

/** A first start makes a database; on a busy machine that takes its time. */
const PATIENCE = 90_000;
jest.setTimeout(3 * PATIENCE);

/** The steps of the Dockerfile, its CMD and its HEALTHCHECK, as far as that goes without an engine. */
describe('the image', () => {
  let image: Image;
  const volumes: string[] = [];
  const containers: Container[] = [];

  beforeAll(() => {
    demandBubblewrap();
    image = Image.build();
  }, 600_000);
  afterAll(() => {
    for (const { child } of containers) child.kill('SIGKILL');
    for (const volume of volumes) remove(volume);
    (image as Image | undefined)?.remove();
  });

  function newVolume(): string {
    const volume = plainFolder();
    volumes.push(volume);
    return volume;
  }

  async function run(volume: string, env: Record<string, string> = {}, cmd = image.cmd): Promise<Container> {
    const container = await Container.start(
      { ...image, env: { ...image.env, ...env } },
      { '/data': volume },
      cmd,
    );
    containers.push(container);
    return container;
  }

  it('holds the built server, the pages and what they need to run, and nothing else', () => {
    expect(readdirSync(image.root).sort()).toEqual(['app', 'data']);
    const app = join(image.root, 'app');
    expect(readdirSync(app).sort()).toEqual(['LICENSE', 'dist', 'node_modules', 'package.json', 'web']);
    expect(readdirSync(join(app, 'web'))).toEqual(['dist']);
    const built = readdirSync(join(app, 'dist'), { recursive: true }).map(String);
    expect(built.filter((path) => /\.(map|ts)$|spec|test\//.test(path))).toEqual([]);
    expect(built).toContain('cli/tracevault.tgz');
    expect(built).toContain(`database/${templateName()}`);
    const packages = readdirSync(join(app, 'node_modules'), { recursive: true }).map(String);
    expect(packages.filter((path) => /\.(map|d\.ts)$/.test(path))).toEqual([]);
    const { devDependencies } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'));
    const left = Object.keys(devDependencies as object).filter((name) => packages.includes(name));
    expect(left).toEqual([]);
  });

  it('runs as user 1000 and process 1 on a read-only root, passes its health check, and drains at SIGTERM', async () => {
    const volume = newVolume();
    const container = await run(volume);
    await container.says(/TraceVault is ready/, PATIENCE);
    expect(container.output).toContain('Created a master key');

    expect(container.exec(image, image.healthcheck)).toMatchObject({ status: 0, stderr: '' });
    expect(container.exec({ ...image, env: { ...image.env, PORT: '1' } }, image.healthcheck).status).toBe(1);
    const facts = container.exec(image, [
      'sh',
      '-c',
      'id -u; grep -E "^(Uid|CapEff|NoNewPrivs)" /proc/1/status; tr "\\0" " " < /proc/1/cmdline',
    ]);
    expect(facts.stdout).toMatch(
      /^1000\nUid:\t1000\t.*\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nnode dist\/src\/main\.js $/,
    );
    expect(container.exec(image, ['touch', '/app/x']).stderr).toContain('Read-only file system');
    expect(container.exec(image, ['touch', '/x']).stderr).toContain('Read-only file system');
    expect(get(container, '/')).toMatch(/^200 <!doctype html>/i);
    expect(get(container, '/cli/tracevault.tgz')).toMatch(/^200 /);
    expect(get(container, '/health/ready')).toBe('200 {"status":"ok","database":"up","draining":false}');

    container.signal('SIGTERM');
    expect(await container.exit).toBe(0);
    expect(container.output).toContain('"msg":"Stopped"');
    expect(readdirSync(volume).sort()).toEqual(['encryption.key', 'pgdata', 'spool']);
  });

  it('finds its data again, for the server and for its operator', async () => {
    const volume = newVolume();
    const first = await run(volume);
    await first.says(/TraceVault is ready/, PATIENCE);
    first.signal('SIGTERM');
    expect(await first.exit).toBe(0);

    const operator = await run(volume, {}, ['node', 'dist/src/tracevault-server.js', 'check-keys']);
    expect(await operator.exit).toBe(0);
    const second = await run(volume);
    await second.says(/TraceVault is ready/, PATIENCE);
    expect(second.output).not.toContain('Created a master key');
    second.signal('SIGTERM');
    expect(await second.exit).toBe(0);
  });

  it('ends at SIGTERM while it still waits for its database, though process 1 has no default for signals', async () => {
    const container = await run(newVolume(), {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      TRACEVAULT_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    });
    await container.says(/Unable to connect to the database/, PATIENCE);
    container.signal('SIGTERM');
    const began = performance.now();
    expect(await container.exit).toBe(143);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  /** Status and body, asked from within: the container's network is its own. */
  function get(container: Container, path: string): string {
    const script = `fetch('http://127.0.0.1:3000${path}').then(async (r) => console.log(r.status, await r.text()))`;
    return container.exec(image, ['node', '-e', script]).stdout.trim();
  }
});
