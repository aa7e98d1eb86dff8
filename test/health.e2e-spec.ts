import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { PasswordHasher } from '../src/accounts/password-hasher';
import { AuthCaches } from '../src/cache/auth-caches';
import { DrainService } from '../src/server/drain.service';
import { TestApp } from './support/app';

interface Pool extends EventEmitter {
  readonly waitingCount: number;
}

describe('health', () => {
  let app: TestApp;
  let pool: Pool;

  beforeEach(async () => {
    app = await TestApp.start();
    pool = (app.dataSource.driver as unknown as { master: Pool }).master;
    const caches = app.app.get(AuthCaches);
    while (!caches.hasInvalidationFeed) await sleep(10); // until then it asks on connections of the pool
  });
  afterEach(() => app.close());

  const live = () => fetch(`${app.url}/health/live`);
  const ready = () => fetch(`${app.url}/health/ready`);

  it('is live and ready once it listens, and not ready without its database', async () => {
    const alive = await live();
    expect([alive.status, await alive.json()]).toEqual([200, { status: 'ok' }]);
    const answer = await ready();
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: 'ok', database: 'up', draining: false },
    ]);
    await app.dataSource.destroy();
    let lost = await ready();
    while (lost.status === 200) {
      await sleep(5); // what was known counts for a second
      lost = await ready();
    }
    expect([lost.status, await lost.json()]).toEqual([
      503,
      { status: 'unavailable', database: 'down', draining: false },
    ]);
    expect((await live()).status).toBe(200);
  });

  it('asks the database at most once a second, however many ask for it', async () => {
    let asked = 0;
    pool.on('acquire', () => (asked += 1));
    const since = performance.now();
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(Array.from({ length: 200 }, ready));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(1 + (performance.now() - since) / 1000);
  });

  it('asks a database that does not answer once at a time, and sees when it answers again', async () => {
    const release = await app.occupyDatabase();
    const answers = await Promise.all(Array.from({ length: 200 }, ready));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect((await ready()).status).toBe(503);
    expect(pool.waitingCount).toBeLessThanOrEqual(2); // on PostgreSQL, whoever listens for changes waits as well
    await release();
    while ((await ready()).status !== 200) await sleep(5);
  });

  it('says at once that it drains, whatever the database does', async () => {
    const release = await app.occupyDatabase();
    const arrived = once(app.server, 'request');
    const patient = ready();
    await arrived;
    await sleep(0); // it waits for the database now
    await app.app.get(DrainService).drain(0);
    const answer = ready();
    const first = await Promise.race([
      patient.then(() => 'the earlier one'),
      answer.then(() => 'the later one'),
    ]);
    expect(first).toBe('the later one');
    const { status, draining } = (await (await answer).json()) as Record<string, unknown>;
    expect([status, draining]).toEqual(['unavailable', true]);
    await release();
    await patient;
  });

  it('is live while the database is occupied and every thread hashes a password', async () => {
    const release = await app.occupyDatabase();
    const hasher = app.app.get(PasswordHasher, { strict: false });
    let open = 40;
    const hashes = Array.from({ length: open }, () => hasher.hash('a password').finally(() => (open -= 1)));
    const waiting = Array.from({ length: 20 }, ready);
    const answers = await Promise.all(Array.from({ length: 20 }, live));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(open).toBeGreaterThan(0);
    await release();
    await Promise.all([...hashes, ...waiting]);
  });
});
