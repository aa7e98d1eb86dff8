import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditEventEntity } from '../src/audit/audit-event.entity';
import { ProviderKeyEntity } from '../src/credentials/provider-key.entity';
import { Person, TestApp } from './support/app';
import { copyDatabase, freshDatabase } from './support/database';
import { operate, spawnOperator, startOperator } from './support/operator';
import { TestProcess } from './support/process';
import { embeddedOnly, postgresOnly } from './support/which-database';

const newKey = () => randomBytes(32).toString('base64');

const rowsOf = (app: TestApp) => app.dataSource.getRepository(ProviderKeyEntity);

/** The stored key works: what goes upstream is what its owner stored. */
async function works(app: TestApp, { token, apiKey }: Person): Promise<void> {
  const response = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
  expect(response.status).toBe(200);
  const keys = app.upstream.requests.map(({ headers }) => headers['x-api-key']);
  expect(keys).toContain(apiKey);
}

describe('rotating the master key', () => {
  const [oldKey, currentKey] = [newKey(), newKey()];
  let filled: NodeJS.ProcessEnv;
  let database: NodeJS.ProcessEnv;
  let both: NodeJS.ProcessEnv;
  let people: Person[];

  beforeAll(async () => {
    filled = await freshDatabase();
    const app = await TestApp.start({ env: { ...filled, TRACEVAULT_ENCRYPTION_KEY: oldKey } });
    people = [];
    for (let number = 0; number < 5; number++) people.push(await app.signUp());
    await app.close();
  });
  beforeEach(async () => {
    database = await copyDatabase(filled);
    both = {
      ...database,
      TRACEVAULT_ENCRYPTION_KEY: currentKey,
      TRACEVAULT_ENCRYPTION_KEY_PREVIOUS: oldKey,
    };
  });

  it('moves every row, and afterwards the old key is not needed', async () => {
    expect((await operate(['check-keys'], both)).out).toMatch(
      /^current {3}[0-9a-f]{16} {2}0 rows\nprevious {2}[0-9a-f]{16} {2}5 rows\n$/,
    );
    const rehearsed = await operate(['rotate-keys', '--dry-run'], both);
    expect(rehearsed).toMatchObject({ code: 0, out: expect.stringMatching(/^Would rotate 5 rows/) });
    expect((await operate(['check-keys'], both)).out).toContain('5 rows');

    const before = await TestApp.start({ env: both });
    const stored = await rowsOf(before).find({ order: { userId: 'ASC' } });
    await before.close();
    const rotated = await operate(['rotate-keys', '--batch-size', '2'], both);
    expect(rotated).toMatchObject({ code: 0, err: '' });
    expect(rotated.out).toMatch(/^Rotated 5 rows to master key [0-9a-f]{16}\.\nNo stored key needs an older/);
    expect(await operate(['rotate-keys'], both)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Rotated 0 rows/),
    });

    const alone = { ...database, TRACEVAULT_ENCRYPTION_KEY: currentKey };
    const checked = await operate(['check-keys', '--json'], alone);
    expect(JSON.parse(checked.out)).toEqual([
      { master_key_id: expect.stringMatching(/^[0-9a-f]{16}$/), rows: 5, role: 'current' },
    ]);
    const after = await TestApp.start({ env: alone });
    const trail = after.dataSource.getRepository(AuditEventEntity);
    expect(await trail.find({ where: { action: 'master_key_rotated' }, order: { at: 'ASC' } })).toMatchObject(
      [
        { actorKind: 'operator', actorId: null, details: { rotated: 5, master_key_id: expect.any(String) } },
        { actorKind: 'operator', details: { rotated: 0 } },
      ],
    );
    for (const person of people) await works(after, person);
    const resealed = await rowsOf(after).find({ order: { userId: 'ASC' } });
    expect(resealed.map(({ updatedAt }) => updatedAt)).toEqual(stored.map(({ updatedAt }) => updatedAt));
    await after.close();
  }, 60_000);

  it('leaves rows alone whose key is missing, or that are damaged, and names them by the key’s id alone', async () => {
    const app = await TestApp.start({ env: both });
    const damaged = await rowsOf(app).findOneByOrFail({ userId: people[0]!.userId });
    damaged.ciphertext[0]! ^= 1;
    await rowsOf(app).update({ id: damaged.id }, { ciphertext: damaged.ciphertext });
    await rowsOf(app).update({ userId: people[1]!.userId }, { masterKeyId: '0123456789abcdef' });
    await app.close();

    const checked = await operate(['check-keys'], both);
    expect([checked.code, checked.out]).toEqual([
      1,
      expect.stringContaining(
        'missing   0123456789abcdef  1 row  (not configured: their owners get an error)',
      ),
    ]);
    const { code, out, err } = await operate(['rotate-keys'], both);
    expect([code, out]).toEqual([1, expect.stringContaining('Rotated 3 rows')]);
    expect(out).toContain('Not rotated: 1 row under master key 0123456789abcdef. Add that key');
    expect(out).toContain(`Not rotated: 1 row under master key ${damaged.masterKeyId}. They are damaged`);
    for (const secret of [oldKey, currentKey, ...people.map(({ apiKey }) => apiKey)])
      expect(out + err).not.toContain(secret);
  });

  embeddedOnly('of the embedded database', () => {
    it('waits for the server to be stopped, and says so', async () => {
      const app = await TestApp.start({ env: both });
      const { code, err } = await operate(['rotate-keys'], both);
      expect([code, err]).toEqual([1, expect.stringMatching(/is in use by process \d+/)]);
      await app.close();
    });

    it('goes from the key file to a variable', async () => {
      const own = await freshDatabase();
      const app = await TestApp.start({ env: own });
      const person = await app.signUp();
      await app.close();
      const file = (await readFile(join(own.TRACEVAULT_DATA_DIR!, 'encryption.key'), 'utf8')).trim();
      const moved = { ...own, TRACEVAULT_ENCRYPTION_KEY: newKey() };
      const rotated = await operate(['rotate-keys'], { ...moved, TRACEVAULT_ENCRYPTION_KEY_PREVIOUS: file });
      expect(rotated).toMatchObject({ code: 0, out: expect.stringMatching(/^Rotated 1 row to/) });
      const after = await TestApp.start({ env: moved });
      await works(after, person);
      await after.close();
    });
  });

  postgresOnly('beside running servers', () => {
    let app: TestApp;
    const commands: TestProcess[] = [];

    beforeEach(async () => {
      app = await TestApp.start({ env: both });
    });
    afterEach(async () => {
      for (const { child } of commands) child.kill('SIGKILL');
      await app.close();
    });

    const current = async (): Promise<number> => {
      const rows = await rowsOf(app).find();
      const { out } = await operate(['check-keys', '--json'], both);
      const [{ master_key_id }] = JSON.parse(out) as [{ master_key_id: string }];
      return rows.filter(({ masterKeyId }) => masterKeyId === master_key_id).length;
    };

    /** The connections that wait for a row which another holds. */
    const waiting = (): Promise<{ pid: number }[]> =>
      app.dataSource.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );

    /** Holds the row of the person whose turn comes third, so that the command stands still in the middle. */
    async function standingStill(): Promise<{
      command: TestProcess;
      third: Person;
      goOn: (sql?: string) => Promise<void>;
    }> {
      const inOrder = await rowsOf(app).find({ order: { id: 'ASC' } });
      const third = people.find(({ userId }) => userId === inOrder[2]?.userId)!;
      const runner = app.dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.query('SELECT 1 FROM provider_keys WHERE user_id = $1 FOR UPDATE', [third.userId]);
      const command = startOperator(['rotate-keys', '--batch-size', '1'], both);
      commands.push(command);
      while ((await current()) < 2 || (await waiting()).length === 0) await sleep(10);
      const goOn = async (sql?: string): Promise<void> => {
        if (sql !== undefined) await runner.query(sql, [third.userId]);
        await runner.commitTransaction();
        await runner.release();
      };
      return { command, third, goOn };
    }

    it('fails no request, whoever’s key is being moved', async () => {
      const command = startOperator(['rotate-keys', '--batch-size', '1'], both);
      commands.push(command);
      let done = false;
      void command.exit.then(() => (done = true));
      let calls = 0;
      while (!done || calls < 20) {
        await Promise.all(people.map((person) => works(app, person)));
        calls += people.length;
      }
      expect(command.output).toMatch(/^Rotated 5 rows/);
      for (const person of people) await works(app, person);
    });

    it('can be killed in the middle: every row is readable, and the next run does the rest', async () => {
      const { command, goOn } = await standingStill();
      command.child.kill('SIGKILL');
      await command.exit;
      // The database would carry out what it was told before the kill, at a time of its own.
      for (const { pid } of await waiting())
        await app.dataSource.query('SELECT pg_terminate_backend($1, 10000)', [pid]);
      await goOn();
      expect(await current()).toBe(2);
      for (const person of people) await works(app, person);
      expect((await operate(['rotate-keys'], both)).out).toContain('Rotated 3 rows');
      expect(await current()).toBe(5);
      for (const person of people) await works(app, person);
    });

    it('yields to an owner who stores a key in the same moment', async () => {
      const { command, third, goOn } = await standingStill();
      // What storing a key does to the row, in the transaction that holds it.
      await goOn(`UPDATE provider_keys SET key_nonce = '\\x000000000000000000000000' WHERE user_id = $1`);
      expect(await command.exit).toBe(0);
      expect(command.output).toMatch(/^Rotated 4 rows[^]*1 row changed in the same moment/);
      expect((await rowsOf(app).findOneByOrFail({ userId: third.userId })).nonce).toEqual(Buffer.alloc(12));
    });
  });
});

describe('a command to rotate the master key that can’t be carried out', () => {
  const nowhere = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', TRACEVAULT_ENCRYPTION_KEY: newKey() };

  it.each([['0'], ['10001'], ['-1'], ['many'], ['']])('refuses the batch size %j', async (size) => {
    const { code, err } = await operate(['rotate-keys', '--batch-size', size], nowhere);
    expect([code, err]).toEqual([2, expect.stringContaining('1 to 10000')]);
  });

  it('has its exit codes in a process of its own as well, and nothing on stdout', async () => {
    const usage = await spawnOperator(['rotate-keys', '--batch-size', '0'], nowhere);
    expect(usage).toMatchObject({ code: 2, out: '' });
    const failed = await spawnOperator(['rotate-keys'], { ...nowhere, TRACEVAULT_ENCRYPTION_KEY: 'short' });
    expect(failed).toMatchObject({ code: 1, out: '', err: expect.stringContaining('_ENCRYPTION_KEY') });
  });

  it('says what is wrong with the variables, as the server does', async () => {
    const { code, err } = await operate(['rotate-keys'], { ...nowhere, TRACEVAULT_ENCRYPTION_KEY: 'short' });
    expect([code, err]).toEqual([1, expect.stringContaining('TRACEVAULT_ENCRYPTION_KEY')]);
    expect(err).not.toContain('short');
  });
});
