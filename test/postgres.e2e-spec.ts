import { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { DataSource, MigrationInterface } from 'typeorm';
import { AuthCaches } from '../src/cache/auth-caches';
import { loadConfig } from '../src/config/env';
import { createDataSource } from '../src/database/data-source';
import { migrate } from '../src/database/migrate';
import { schema } from '../src/database/schema';
import { TestApp } from './support/app';
import { BreakableNetwork } from './support/breakable-network';
import { freshDatabase } from './support/database';
import { postgresOnly } from './support/which-database';
import { runBuilt, runServer, TestProcess } from './support/process';

postgresOnly('on a PostgreSQL server', () => {
  const processes: TestProcess[] = [];
  afterAll(() => {
    for (const { child } of processes) child.kill('SIGKILL');
  });

  async function inDatabase<Row>(url: string, query: string): Promise<Row[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(query);
    await client.end();
    return rows as Row[];
  }

  it('replicas that start at the same moment apply each step once', async () => {
    const env = await freshDatabase();
    const replicas = await Promise.all(Array.from({ length: 4 }, () => runServer(env)));
    processes.push(...replicas.map(({ server }) => server));
    const applied = await inDatabase<{ name: string }>(
      env.DATABASE_URL!,
      'SELECT name FROM migrations ORDER BY id',
    );
    expect(applied.map(({ name }) => name)).toEqual(schema.migrations.map(({ name }) => name));
    for (const { url } of replicas) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('a wrong password stops the start with a line that does not hold it', async () => {
    const env = await freshDatabase();
    const url = new URL(env.DATABASE_URL!);
    url.username = 'nobody_of_this_name';
    url.password = 'CANARY-password';
    const server = runBuilt('src/main.js', { ...env, DATABASE_URL: url.href });
    expect(await server.exit).toBe(1);
    expect(server.errors).toMatch(/DATABASE_URL can't be used: 28/);
    expect(server.errors + server.output).not.toContain('CANARY');
  });

  it('a database that takes no changes stops the start of a server that has to make tables, with a line that says what to do', async () => {
    const env = await freshDatabase();
    const name = new URL(env.DATABASE_URL!).pathname.slice(1);
    await inDatabase(
      process.env.TEST_DATABASE_URL!,
      `ALTER DATABASE ${name} SET default_transaction_read_only = on`,
    );
    const server = runBuilt('src/main.js', env);
    expect(await server.exit).toBe(1);
    expect(server.errors.trim().split('\n')).toEqual([
      "TraceVault can't start.",
      expect.stringMatching(
        /^The database in DATABASE_URL takes no changes: .*read-only transaction\. .*standby.*default_transaction_read_only/,
      ),
    ]);
    await inDatabase(
      process.env.TEST_DATABASE_URL!,
      `ALTER DATABASE ${name} RESET default_transaction_read_only`,
    );
    processes.push((await runServer(env)).server);
  });

  it('a request to the API that gets no connection in time is told to come back, with a 503', async () => {
    const app = await TestApp.start({ env: await freshDatabase() });
    const { token } = await app.signUp();
    const release = await app.occupyDatabase();
    const refused = await app.api('GET', 'me/anthropic-key', { token });
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      503,
      '5',
      {
        statusCode: 503,
        error: 'Service Unavailable',
        message: expect.stringMatching(/^All connections to the database are in use\. Wait .* try again\.$/),
        errors: [{ code: 'database_unavailable', message: expect.any(String) }],
      },
    ]);
    expect(app.log).toMatch(/"level":"warn".*"request_id":.*No database connection/);
    expect(app.log).not.toMatch(/"level":"error"/);
    await release();
    expect((await app.api('GET', 'me/anthropic-key', { token })).status).toBe(200);
    await app.close();
  });

  it('a database that comes later is waited for', async () => {
    const env = await freshDatabase();
    const server = runBuilt('src/main.js', { ...env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    processes.push(server);
    await server.says(/Unable to connect to the database/);
    expect(server.child.exitCode).toBeNull();
  });

  it('an outage is a clear 500 for each request, breaks no open stream, and ends by itself', async () => {
    const env = await freshDatabase();
    const network = await BreakableNetwork.to(env.DATABASE_URL!);
    const app = await TestApp.start({ env: { ...env, DATABASE_URL: network.url } });
    const { token } = await app.signUp();
    const call = async (): Promise<Response> =>
      fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
    let source: ServerResponse | undefined;
    app.upstream.answerWith((_request, response) => {
      response.write('before ');
      source = response;
    });
    const stream = await call();
    app.upstream.answerWithDefault();

    network.cut();
    while (app.app.get(AuthCaches).hasInvalidationFeed) await sleep(5); // a moment, in which what is in memory counts
    for (let attempt = 0; attempt < 3; attempt++) {
      const refused = await call();
      expect(refused.status).toBe(500);
      expect(await refused.json()).toMatchObject({
        error: { type: 'api_error', message: expect.stringContaining('store') },
      });
    }
    const isReady = async (): Promise<boolean> => (await fetch(`${app.url}/health/ready`)).status === 200;
    while (await isReady()) await sleep(5); // what was known counts for a second
    source!.end('and after');
    expect(await stream.text()).toBe('before and after');

    network.fix();
    expect((await call()).status).toBe(200);
    while (!(await isReady())) await sleep(5);
    await app.close();
    await network.close();
  });

  it('a database that takes no changes, as after a failover, makes the server not ready until it does again', async () => {
    const env = await freshDatabase();
    const app = await TestApp.start({ env });
    const isReady = async (): Promise<boolean> => (await fetch(`${app.url}/health/ready`)).status === 200;
    expect(await isReady()).toBe(true);
    const name = new URL(env.DATABASE_URL!).pathname.slice(1);
    const reconnectWith = async (setting: string): Promise<void> => {
      await inDatabase(process.env.TEST_DATABASE_URL!, `ALTER DATABASE ${name} ${setting}`);
      await inDatabase(
        env.DATABASE_URL!,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    };

    await reconnectWith('SET default_transaction_read_only = on');
    for (let said = 0; said < 3;) said = (await isReady()) ? 0 : said + 1; // also once the connections are there again
    await app.dataSource.query('SELECT 1');
    expect(await isReady()).toBe(false);

    await reconnectWith('RESET default_transaction_read_only');
    while (!(await isReady())) await sleep(5);
    await app.close();
  });

  it('connections that the server cuts are created again: a request or two fails clearly, and then it works', async () => {
    const env = await freshDatabase();
    const app = await TestApp.start({ env });
    const { token } = await app.signUp();
    const call = async (): Promise<Response> =>
      fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
    expect((await call()).status).toBe(200);
    await inDatabase(
      env.DATABASE_URL!,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    const statuses: number[] = [];
    while (statuses.at(-1) !== 200 && statuses.length < 20) {
      const response = await call();
      statuses.push(response.status);
      if (response.status !== 200)
        expect(await response.json()).toMatchObject({ error: { type: 'api_error' } });
    }
    expect(statuses.at(-1)).toBe(200);
    await app.close();
  });

  const migrationOf = (query: string): MigrationInterface & { readonly name: string } => ({
    name: 'Added1900000000000',
    up: (runner) => runner.query(query),
    down: () => Promise.resolve(),
  });

  it('a migration that loses its connection fails with that, and not with what came of it', async () => {
    const dataSource = await createDataSource(loadConfig(await freshDatabase()).database).initialize();
    dataSource.migrations.push(migrationOf('SELECT pg_terminate_backend(pg_backend_pid())'));
    await expect(migrate(dataSource)).rejects.toThrow('terminating connection');
    await dataSource.destroy();
  });

  describe('a query that is not answered in time', () => {
    const WITHIN_MS = 3_000;
    let url: string;
    let network: BreakableNetwork;
    let dataSource: DataSource;

    beforeEach(async () => {
      const env = await freshDatabase();
      url = env.DATABASE_URL!;
      network = await BreakableNetwork.to(url);
      const { database } = loadConfig({ ...env, DATABASE_URL: network.url });
      dataSource = await createDataSource(database, WITHIN_MS).initialize();
      await dataSource.query(`CREATE TABLE "notes" ("text" text)`);
    });
    afterEach(async () => {
      await dataSource.destroy();
      await network.close();
    });

    it('fails alone when its connection is dead without a sign: the next one gets another connection', async () => {
      network.mute('CREATE TABLE');
      await expect(dataSource.query('SELECT 1')).rejects.toThrow('Query read timeout');
      expect(await dataSource.query('SELECT 2 AS "two"')).toEqual([{ two: 2 }]);
    });

    it('leaves no transaction behind in which what is written later would be lost', async () => {
      const holder = new Client({ connectionString: url });
      await holder.connect();
      await holder.query('BEGIN; LOCK TABLE "notes"');
      const late = dataSource.transaction((one) => one.query(`INSERT INTO "notes" VALUES ('too late')`));
      await expect(late).rejects.toThrow('Query read timeout');
      await holder.query('COMMIT');
      await dataSource.query(`INSERT INTO "notes" VALUES ('in time')`);
      expect((await holder.query('SELECT "text" FROM "notes"')).rows).toEqual([{ text: 'in time' }]);
      await holder.end();
    });

    it('is waited for in a migration, and in nothing after it', async () => {
      const slowly = `SELECT pg_sleep(${(2 * WITHIN_MS) / 1_000})`;
      const slow = migrationOf(slowly);
      dataSource.migrations.push(slow);
      expect((await migrate(dataSource)).at(-1)).toBe(slow.name);
      await expect(dataSource.query(slowly)).rejects.toThrow('Query read timeout');
    });
  });
});
