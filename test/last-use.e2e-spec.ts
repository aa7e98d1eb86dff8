import { request as httpRequest } from 'node:http';
import { Person, TestApp, useApp } from './support/app';
import { freshDatabase } from './support/database';

interface LastUse {
  at: string;
  client: string | null;
  status: number | null;
  outcome: string;
}

describe('the last use of a key through the proxy', () => {
  const app = useApp();
  let person: Person;

  beforeAll(async () => {});
  beforeEach(async () => {
    app.upstream.answerWithDefault();
    person = await app.signUp();
  });

  async function lastUse(of = app, whose = person): Promise<LastUse | null> {
    const response = await of.api('GET', 'me/anthropic-key', { token: whose.token });
    return ((await response.json()) as { last_use: LastUse | null }).last_use;
  }

  /** As soon as it is `expected`: it is written when the answer is over, which nobody waits for. */
  async function seen(expected: Partial<LastUse>, of = app, whose = person): Promise<LastUse> {
    for (let tries = 0; tries < 500; tries++) {
      const use = await lastUse(of, whose);
      if (Object.entries(expected).every(([field, value]) => use?.[field as keyof LastUse] === value))
        return use!;
    }
    throw new Error(`Never saw ${JSON.stringify(expected)}`);
  }

  /** As the database has it, and so another replica. */
  async function written(of = app, whose = person): Promise<LastUse | null> {
    const sql = 'SELECT last_use FROM provider_keys WHERE user_id = $1';
    const [row] = await of.dataSource.query<[{ last_use: LastUse | null }]>(sql, [whose.userId]);
    return row.last_use;
  }

  /** As soon as the database has it. */
  async function seenWritten(client: string, of = app, whose = person): Promise<void> {
    for (const until = performance.now() + 20_000; performance.now() < until;)
      if ((await written(of, whose))?.client === client) return;
    throw new Error(`${client} was never written`);
  }

  async function call(client: string, { of = app, whose = person, path = 'v1/models' } = {}): Promise<void> {
    const headers = { 'x-api-key': whose.token, 'user-agent': client };
    await (await fetch(`${of.proxyUrl}/${path}`, { headers })).text();
  }

  it('is null until there was one, then its time, client and status', async () => {
    expect(await lastUse()).toBeNull();
    const before = Date.now();
    await call('claude-cli/2.1.330 (external, cli)');
    const use = await seen({
      client: 'claude-cli/2.1.330 (external, cli)',
      status: 200,
      outcome: 'completed',
    });
    expect(Date.parse(use.at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(use.at)).toBeLessThanOrEqual(Date.now());
  });

  it('tells of an answer that was an error, the vendor’s as ours', async () => {
    app.upstream.answerWith((_, response) => void response.writeHead(401).end('{}'));
    await call('one');
    await seen({ client: 'one', status: 401 });
    const other = await app.signUp();
    app.upstream.answerWith((request) => void request.socket.destroy());
    await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': other.token, 'user-agent': 'two' },
      body: '{}',
    });
    await seen({ client: 'two', status: 502 }, app, other);
  });

  it('has no status when the client left before there was an answer', async () => {
    app.upstream.answerWith(() => undefined);
    const call = httpRequest(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': person.token } });
    call.on('error', () => undefined);
    const arrived = app.upstream.arrival();
    call.end();
    const { closed } = await arrived;
    call.destroy();
    await closed;
    for (let tries = 0; (await lastUse()) === null && tries < 200; tries++);
    expect(await lastUse()).toEqual({
      at: expect.any(String),
      client: null,
      status: null,
      outcome: 'client_aborted',
    });
  });

  it('is of the key that is stored now: a replaced one begins again, and shows its first use at once', async () => {
    await call('old');
    await seen({ client: 'old' });
    await app.storeKey(person.token, 'sk-ant-new');
    expect(await lastUse()).toBeNull();
    await call('new');
    await seen({ client: 'new' });
  });

  it('tells of an answer that broke off', async () => {
    app.upstream.answerWith((_, response) => {
      response.writeHead(200).write('half');
      setImmediate(() => response.destroy());
    });
    await expect(call('broken')).rejects.toThrow();
    await seen({ client: 'broken', status: 200, outcome: 'upstream_failed' });
  });

  /** A stream that stays open until `finish`, begun with the key of now. */
  async function longStream(of: TestApp, whose: Person): Promise<() => Promise<void>> {
    let finish = (): void => undefined;
    of.upstream.answerWith((_, response) => {
      response.writeHead(200).write('half');
      finish = () => response.end();
    });
    const headers = { 'x-api-key': whose.token, 'user-agent': 'long stream' };
    const response = await fetch(`${of.proxyUrl}/v1/long`, { headers });
    of.upstream.answerWithDefault();
    return async () => {
      finish();
      await response.text();
      await of.requestLine('/proxy/anthropic/v1/long');
    };
  }

  it('is the one that came in last, also when a longer one ends after it', async () => {
    const quick = await TestApp.start({ adjust: (config) => ({ ...config, keyUseExactToMs: 50 }) });
    const whose = await quick.signUp();
    const finish = await longStream(quick, whose);
    await call('short', { of: quick, whose });
    await seen({ client: 'short' }, quick, whose);
    await finish();
    await call('after', { of: quick, whose });
    await seen({ client: 'after' }, quick, whose);
    expect(await lastUse(quick, whose)).toMatchObject({ client: 'after' });
    await quick.close();
  });

  it('of a new key shows at once, also when a stream with the old one ends before it', async () => {
    const finish = await longStream(app, person);
    await app.storeKey(person.token, 'sk-ant-new');
    await finish();
    await call('new key');
    await seen({ client: 'new key' });
  });

  it('is not told of a request that never came to the key', async () => {
    await fetch(`${app.proxyUrl}/v1/../models`, { headers: { 'x-api-key': `${person.token}0` } });
    expect(await lastUse()).toBeNull();
  });

  it('is cut where a client writes a novel about itself', async () => {
    await call('x'.repeat(4000));
    await seen({ client: 'x'.repeat(256) });
  });

  it('holds nothing up when it can’t be written, and the log says so', async () => {
    await app.dataSource.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$`,
    );
    await app.dataSource.query(
      `CREATE TRIGGER refuse BEFORE UPDATE ON provider_keys EXECUTE FUNCTION refuse()`,
    );
    await call('unwritten');
    for (let tries = 0; !app.log.includes('could not be written') && tries < 500; tries++) await lastUse();
    expect(app.log).toMatch(/disk full.*The last use of a key could not be written/);
    expect(await lastUse()).toMatchObject({ client: 'unwritten' });
    expect(await written()).toBeNull();
    await app.dataSource.query(`DROP TRIGGER refuse ON provider_keys`);
    await call('later');
    await seen({ client: 'later' });
  });

  describe('when it is written', () => {
    let database: NodeJS.ProcessEnv;
    let running: TestApp;
    let whose: Person;

    const start = (keyUseExactToMs: number): Promise<TestApp> =>
      TestApp.start({ env: database, adjust: (config) => ({ ...config, keyUseExactToMs }) });

    beforeEach(async () => {
      database = await freshDatabase();
    });
    afterEach(() => running.close());

    /** What the database has once everything is written. */
    async function afterRestart(): Promise<LastUse | null> {
      await running.close();
      running = await start(60_000);
      return lastUse(running, whose);
    }

    it('only the first of a minute is, and the latest when the minute is over', async () => {
      running = await start(500);
      whose = await running.signUp();
      await call('first', { of: running, whose });
      await seenWritten('first', running, whose);
      for (let number = 0; number < 5; number++) await call('next', { of: running, whose });
      expect(await written(running, whose)).toMatchObject({ client: 'first' });
      await seenWritten('next', running, whose);
      await call('again', { of: running, whose });
      await seenWritten('again', running, whose);
    });

    it('its owner sees the latest at once, before it is written', async () => {
      running = await start(60_000);
      whose = await running.signUp();
      await call('first', { of: running, whose });
      await seenWritten('first', running, whose);
      await call('second', { of: running, whose });
      await seen({ client: 'second' }, running, whose);
      expect(await written(running, whose)).toMatchObject({ client: 'first' });
    });

    it('its owner sees what another replica wrote later', async () => {
      running = await start(60_000);
      whose = await running.signUp();
      await call('here', { of: running, whose });
      await seenWritten('here', running, whose);
      const at = new Date(Date.now() + 1_000).toISOString();
      const elsewhere = { at, client: 'elsewhere', status: 200, outcome: 'completed' };
      const sql = 'UPDATE provider_keys SET last_use = $2 WHERE user_id = $1';
      await running.dataSource.query(sql, [whose.userId, JSON.stringify(elsewhere)]);
      expect(await lastUse(running, whose)).toEqual(elsewhere);
    });

    it('one of a key that another replica has replaced is not shown', async () => {
      running = await start(60_000);
      whose = await running.signUp();
      await call('old key', { of: running, whose });
      await seenWritten('old key', running, whose);
      const sql = 'UPDATE provider_keys SET last_use = NULL, updated_at = $2 WHERE user_id = $1';
      await running.dataSource.query(sql, [whose.userId, new Date(Date.now() + 1_000)]);
      expect(await lastUse(running, whose)).toBeNull();
    });

    it('one that came out in another way is at once: an error of the provider’s, one of ours, and a success', async () => {
      running = await start(60_000);
      whose = await running.signUp();
      const with529 = (): void =>
        running.upstream.answerWith((_, response) => void response.writeHead(529).end('{}'));
      await call('works', { of: running, whose });
      await seenWritten('works', running, whose);
      with529();
      await call('overloaded', { of: running, whose });
      await seenWritten('overloaded', running, whose);
      running.upstream.answerWith((request) => void request.socket.destroy());
      await call('cut off', { of: running, whose });
      await seenWritten('cut off', running, whose);
      running.upstream.answerWithDefault();
      await call('works again', { of: running, whose });
      await seenWritten('works again', running, whose);
    });

    it('calls that fail by turns are written once a second at most', async () => {
      running = await start(60_000);
      whose = await running.signUp();
      await running.dataSource.query('CREATE TABLE writes (number bigserial)');
      await running.dataSource.query(
        `CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN INSERT INTO writes DEFAULT VALUES; RETURN NEW; END $$`,
      );
      await running.dataSource.query(
        `CREATE TRIGGER count_write AFTER UPDATE ON provider_keys
         FOR EACH ROW EXECUTE FUNCTION count_write()`,
      );
      let calls = 0;
      const beganAt = performance.now();
      running.upstream.answerWith((_, response) => void response.writeHead(calls++ % 2 ? 529 : 200).end());
      for (let number = 1; number <= 40; number++) await call(`call ${number}`, { of: running, whose });
      await seenWritten('call 40', running, whose);
      const [{ count }] = await running.dataSource.query<[{ count: number }]>(
        'SELECT count(*)::int AS count FROM writes',
      );
      const seconds = Math.ceil((performance.now() - beganAt) / 1000);
      expect(count).toBeLessThanOrEqual(2 + seconds); // the first, the first change, and one a second
    });

    it('the latest is when the server stops', async () => {
      running = await start(60_000);
      whose = await running.signUp();
      for (const client of ['first', 'second', 'third']) await call(client, { of: running, whose });
      await running.requestLine('/proxy/anthropic/v1/models', 3);
      expect(await afterRestart()).toMatchObject({ client: 'third' });
    });

    it('one that began before the key was replaced is not', async () => {
      running = await start(60_000);
      whose = await running.signUp();
      let finish = (): void => undefined;
      running.upstream.answerWith((_, response) => {
        response.writeHead(200).write('half');
        finish = () => response.end();
      });
      const url = `${running.proxyUrl}/v1/models`;
      const response = await fetch(url, { headers: { 'x-api-key': whose.token } });
      await running.storeKey(whose.token, 'sk-ant-new');
      finish();
      await response.text();
      await running.requestLine('/proxy/anthropic/v1/models');
      expect(await afterRestart()).toBeNull();
    });
  });
});
