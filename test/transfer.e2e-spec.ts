import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { ContentWriter } from '../src/capture/content-writer';
import { loadConfig } from '../src/config/env';
import { createDataSource } from '../src/database/data-source';
import { migrate } from '../src/database/migrate';
import { ImportService } from '../src/transfer/import.service';
import { Person, TestApp } from './support/app';
import { contentsOf } from './support/contents';
import { emptyDirectory, freshDatabase } from './support/database';
import { operate, spawnOperator } from './support/operator';
import { sealRecorded } from './support/seals';
import { Ran } from './support/test-io';
import { embeddedOnly, postgresOnly } from './support/which-database';

jest.setTimeout(180_000);

/** An embedded database, also when the other tests have a PostgreSQL server. */
async function embedded(): Promise<NodeJS.ProcessEnv> {
  return { TRACEVAULT_DATA_DIR: join(await emptyDirectory(), 'data') };
}

async function open(env: NodeJS.ProcessEnv): Promise<DataSource> {
  const dataSource = await createDataSource(loadConfig(env).database).initialize();
  await migrate(dataSource);
  return dataSource;
}

async function contentsAt(env: NodeJS.ProcessEnv): Promise<Record<string, string[]>> {
  const dataSource = await open(env);
  const contents = await contentsOf(dataSource);
  await dataSource.destroy();
  return contents;
}

const rowsIn = (contents: Record<string, string[]>): number => Object.values(contents).flat().length;
const linesOf = (file: Buffer): string[] => file.toString().trimEnd().split('\n');

/** These lines with an end that fits them, as whoever wanted to could make it. */
function sealed(lines: string[]): Buffer {
  const text = lines.map((line) => `${line}\n`).join('');
  const rows: Record<string, number> = {};
  let table = '';
  for (const line of lines.slice(1).map((text) => JSON.parse(text))) {
    if (Array.isArray(line)) rows[table]! += 1;
    else rows[(table = line.table)] = 0;
  }
  const sha256 = createHash('sha256').update(text).digest('hex');
  return Buffer.from(`${text}${JSON.stringify({ end: { rows, sha256 } })}\n`);
}

describe('transfer', () => {
  let from: NodeJS.ProcessEnv;
  let file: string;
  let exported: Ran;
  let whole: Buffer;
  let masterKey: string;
  let people: Person[];
  let orgKey: string;
  let proxyToken: string;
  let deviceCodes: string[];
  let before: Record<string, string[]>;

  /** Something in every table, by the ways that people go. */
  async function fill(app: TestApp): Promise<void> {
    people = [await app.signUp(), await app.signUp(), await app.signUp(null)];
    const [ada, bob] = people as [Person, Person];
    const post = async (path: string, body: object, token?: string): Promise<Record<string, string>> => {
      const response = await app.api('POST', path, { body, ...(token !== undefined && { token }) });
      return response.status === 204 ? {} : ((await response.json()) as Record<string, string>);
    };
    orgKey = (await post(`orgs/${ada.org}/api-keys`, { name: 'ci' }, ada.token)).key!;
    await post(`orgs/${ada.org}/invites`, { role: 'admin', email: 'grace@example.com' }, ada.token);
    proxyToken = (await post('me/proxy-tokens', { name: 'ci "quoted"', expires_in_days: 30 }, ada.token))
      .token!;
    deviceCodes = [];
    for (const action of ['approve', 'deny', undefined]) {
      const begun = await post('auth/device/authorize', { client_name: 'tracevault on laptop' });
      deviceCodes.push(begun.device_code!);
      if (action) await post('auth/device/approve', { user_code: begun.user_code, action }, bob.token);
    }
    await post('auth/device/token', { device_code: deviceCodes[2] }); // so that it has been polled
    await app.api('PUT', 'me/capture', { token: ada.token, body: { content: true } });
    const used = await fetch(`${app.proxyUrl}/v1/models`, {
      headers: {
        'x-api-key': ada.token,
        'user-agent': 'it is "quoted" \\ and {braced}',
        'x-session-id': 'of an agent',
      },
    });
    expect(used.status).toBe(200);
    await used.text();
    const writer = app.app.get(ContentWriter, { strict: false });
    while (writer.counts.get('kept') !== 2) await sleep(10);
    await sealRecorded(app);
    // What no endpoint would take, and what text formats stumble over.
    await app.dataSource.query(`UPDATE users SET name = $2 WHERE id = $1`, [
      ada.userId,
      'line\nbreak\u2028\u2029\ttab "quote" \\N NULL {a,b} \u{1f600} \u007f\u0001',
    ]);
    await app.dataSource.query(`INSERT INTO trace_removals VALUES (gen_random_uuid())`);
    await app.dataSource.query(`INSERT INTO trace_pending_packs VALUES (gen_random_uuid(), 'a pack', now())`);
    await app.dataSource.query(`INSERT INTO billed_once VALUES ('anthropic batch/one', now())`);
    const spend = {
      kind: 'spend',
      scope: 'everyone',
      period: 'month',
      amount_usd: '25.00',
      note: 'a "note"',
    };
    const { id } = await post(`orgs/${ada.org}/limits`, spend, ada.token);
    await app.dataSource.query(
      `INSERT INTO limit_grants (limit_id, subject_id, period_start, measure, process_id, granted, held, renewed_at)
       VALUES ($1, $2, '2026-11-01', 'spend', $1, 9007199254740993, 1, now())`,
      [id, ada.userId],
    );
    await app.dataSource.query(
      `INSERT INTO limit_alerts (limit_id, subject_id, period_start, period_end, amount_nano_usd, percent, spent_nano_usd, reached_at)
       VALUES ($1, $2, '2026-11-01', '2026-12-01', 9007199254740993, 75, 1, now())`,
      [id, ada.userId],
    );
    await app.dataSource.query(
      `INSERT INTO spend_daily VALUES ($1, $2, '2026-11-28', 9007199254740993, -1)`,
      [id, ada.userId],
    );
    await app.dataSource.query(`UPDATE users SET name = '' WHERE id = $1`, [bob.userId]);
    await app.dataSource.query(
      `UPDATE provider_keys SET last_use = '{"at": "1", "n": 12345678901234567890.10, "s": "\\u2028\\n"}',
         updated_at = '2026-02-03 04:05:06.789012+05:30' WHERE user_id = $1`,
      [bob.userId],
    );
  }

  beforeAll(async () => {
    from = await embedded();
    const app = await TestApp.start({ env: { DATABASE_URL: '', TRACEVAULT_ENCRYPTION_KEY: '', ...from } });
    await fill(app).finally(() => app.close());

    masterKey = (await readFile(join(from.TRACEVAULT_DATA_DIR!, 'encryption.key'), 'utf8')).trim();
    before = await contentsAt(from);
    file = join(await emptyDirectory(), 'tracevault.export');
    exported = await spawnOperator(['export', file], from); // once as people run it, streams and exit code included
    whole = await readFile(file).catch(() => Buffer.alloc(0));
  });

  describe('out', () => {
    it('writes every table to a file that only its owner can read, and changes nothing', async () => {
      expect(exported).toMatchObject({ code: 0, err: '' });
      expect(exported.out).toContain(`Exported ${rowsIn(before)} rows (`);
      expect(exported.out).toContain('users 3, ');
      expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
      for (const [table, rows] of Object.entries(before)) {
        expect(`${table}: ${rows.length > 0}`).toBe(`${table}: true`); // or the comparison would prove nothing
      }
      expect(await contentsAt(from)).toEqual(before);
    });

    it('says how the master key is carried over, without showing it', () => {
      const command = /^ {2}(export TRACEVAULT_ENCRYPTION_KEY=.*)$/m.exec(exported.out)![1]!;
      expect(exported.out).toMatch(/4 rows under master key [0-9a-f]{16}\./);
      expect(exported.out).not.toContain(masterKey);
      expect(exported.out).toMatch(
        /The content of traces is not in it: copy \S+\/traces to the other data directory/,
      );
      const value = execFileSync('sh', [
        '-c',
        `${command}; printf %s "$TRACEVAULT_ENCRYPTION_KEY"`,
      ]).toString();
      expect(value).toBe(masterKey);
    });

    it('holds no key, no token, no password and no master key', () => {
      const text = whole.toString('latin1');
      const secrets = [masterKey, orgKey, proxyToken, ...deviceCodes];
      for (const { apiKey, token, password } of people) secrets.push(apiKey, token, password);
      for (const secret of secrets.filter((known) => known !== '')) {
        for (const form of [secret, secret.slice(4)]) {
          for (const encoding of ['utf8', 'base64', 'hex'] as const)
            expect(text.includes(Buffer.from(form).toString(encoding))).toBe(false);
        }
      }
      expect(text).not.toContain(Buffer.from(masterKey, 'base64').toString('hex'));
      expect(text).toContain(people[0]!.email);
    });

    it('writes to standard output as well, and the same again', async () => {
      const { code, out, err } = await spawnOperator(['export', '-'], from);
      expect([code, err]).toEqual([0, expect.stringMatching(/^Exported/)]);
      expect(linesOf(Buffer.from(out)).slice(1, -1)).toEqual(linesOf(whole).slice(1, -1));
    });

    it('overwrites nothing, and says what is wrong with a place', async () => {
      expect(await operate(['export', file], from)).toEqual({
        code: 1,
        out: '',
        err: `Nothing was exported. ${file} is there already: choose another name, or remove it.\n`,
      });
      expect(await readFile(file)).toEqual(whole);
      expect(await operate(['export', `${file}/x`], from)).toMatchObject({
        code: 1,
        err: expect.stringContaining("can't be used (ENOTDIR)"),
      });
    });
  });

  describe('in', () => {
    it('brings every row over to the byte, and everybody’s tokens, passwords and keys hold', async () => {
      const to = { ...(await freshDatabase()), TRACEVAULT_ENCRYPTION_KEY: masterKey };
      const rehearsed = await operate(['import', '--dry-run', file], to);
      expect(rehearsed).toMatchObject({
        code: 0,
        out: expect.stringContaining(`Would import ${rowsIn(before)} rows`),
      });
      expect(rowsIn(await contentsAt(to))).toBe(0);
      const imported = await operate(['import', file], to);
      expect(imported).toMatchObject({ code: 0, err: '' });
      expect(imported.out).toContain(`Imported ${rowsIn(before)} rows (`);
      expect(imported.out).toContain('included: 4.');
      expect(await contentsAt(to)).toEqual(before);

      const app = await TestApp.start({ env: to });
      const { upQueries } = await app.dataSource.driver.createSchemaBuilder().log();
      expect(upQueries).toEqual([]);
      for (const { email, password, token, apiKey } of people) {
        const login = await app.api('POST', 'auth/login', { body: { email, password } });
        expect(login.status).toBe(200);
        const models = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
        expect(models.status).toBe(apiKey === '' ? 401 : 200);
        if (apiKey !== '') expect(app.upstream.last.headers['x-api-key']).toBe(apiKey);
      }
      expect((await app.api('GET', 'auth/me', { token: orgKey })).status).toBe(403); // known, and an org's
      const byToken = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': proxyToken } });
      expect(byToken.status).toBe(200);
      const redeemed = await app.api('POST', 'auth/device/token', { body: { device_code: deviceCodes[0] } });
      expect(await redeemed.json()).toMatchObject({ user_id: people[1]!.userId });
      await app.close();

      // And back.
      const after = await contentsAt(to);
      const second = join(await emptyDirectory(), 'back.export');
      expect(await operate(['export', second], to)).toMatchObject({
        code: 0,
        out: expect.stringContaining('Set TRACEVAULT_ENCRYPTION_KEY to the same value on the other server.'),
      });
      const home = { ...(await embedded()), TRACEVAULT_ENCRYPTION_KEY: masterKey };
      expect(await spawnOperator(['import', '-'], home, await readFile(second))).toMatchObject({
        code: 0,
        err: '',
      });
      expect(await contentsAt(home)).toEqual(after);
    });

    it('fills no database that has rows', async () => {
      const to = { ...(await freshDatabase()), TRACEVAULT_ENCRYPTION_KEY: masterKey };
      const app = await TestApp.start({ env: to });
      await app.signUp(null);
      await app.close();
      const there = await contentsAt(to);
      const { code, err } = await operate(['import', file], to);
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(
          /^Nothing was imported\. The database has rows already \(.*users.*Make a new database/,
        ),
      ]);
      expect(await contentsAt(to)).toEqual(there);
    });

    it('leaves nothing when the master key is another one, unless it is told to go on without', async () => {
      const other = Buffer.alloc(32, 7).toString('base64');
      const to = { ...(await freshDatabase()), TRACEVAULT_ENCRYPTION_KEY: other };
      const refused = await operate(['import', file], to);
      expect([refused.code, refused.err]).toEqual([
        1,
        expect.stringMatching(
          /^Nothing was imported\. 4 rows of stored keys need master key [0-9a-f]{16}, which is not/,
        ),
      ]);
      expect(rowsIn(await contentsAt(to))).toBe(0);
      const previous = { ...to, TRACEVAULT_ENCRYPTION_KEY_PREVIOUS: masterKey };
      expect((await operate(['import', '--dry-run', file], previous)).out).toContain('included: 4.');
      const allowed = await operate(['import', '--allow-unreadable', file], to);
      expect([allowed.code, allowed.out]).toEqual([0, expect.stringContaining('included: 0.')]);
      expect(allowed.out).toContain('4 rows of stored keys need master key');
      expect(await contentsAt(to)).toEqual(before);
    });

    it('takes a stored key that is damaged only when it is told to, and names what to carry over of others', async () => {
      const to = { ...(await freshDatabase()), TRACEVAULT_ENCRYPTION_KEY: masterKey };
      const path = join(await emptyDirectory(), 'damaged.export');
      const [first] = /"anthropic","\\\\x[0-9a-f]{6}/.exec(whole.toString())!; // a key's provider, and how its ciphertext begins
      const damaged = whole.toString().replace(first, `${first.slice(0, -6)}000000`);
      await writeFile(path, sealed(linesOf(Buffer.from(damaged)).slice(0, -1)));
      const refused = await operate(['import', path], to);
      expect([refused.code, refused.err]).toEqual([
        1,
        expect.stringContaining('1 row of stored keys do not open'),
      ]);
      const allowed = await operate(['import', '--allow-unreadable', path], to);
      expect([allowed.code, allowed.out]).toEqual([0, expect.stringContaining('included: 3.')]);

      const other = { ...to, TRACEVAULT_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') };
      const { err: missing } = await operate(['export', '-'], other);
      expect(missing).toContain('That key is not configured');
      const both = { ...other, TRACEVAULT_ENCRYPTION_KEY_PREVIOUS: masterKey };
      const { err: previous } = await operate(['export', '-'], both);
      expect(previous).toContain('Carry TRACEVAULT_ENCRYPTION_KEY_PREVIOUS over as well, or run rotate-keys');
    });

    it('says when there is no such file', async () => {
      const to = { ...(await freshDatabase()), TRACEVAULT_ENCRYPTION_KEY: masterKey };
      expect(await operate(['import', '/nowhere/x'], to)).toMatchObject({
        code: 1,
        err: "Nothing was imported. /nowhere/x can't be used (ENOENT).\n",
      });
    });
  });

  describe('a file that is not as it was written', () => {
    let empty: DataSource;
    beforeAll(async () => (empty = await open(await freshDatabase())));
    afterAll(() => empty.destroy());

    const importing = (bytes: Buffer | Buffer[], check = () => Promise.resolve()): Promise<unknown> =>
      new ImportService(empty).importFrom(Readable.from([bytes].flat()), { dryRun: false, check });
    const at = (find: string): number => whole.indexOf(find);
    const changed = (find: string, to: string): Buffer => {
      expect(at(find)).toBeGreaterThan(0);
      return Buffer.concat([
        whole.subarray(0, at(find)),
        Buffer.from(to),
        whole.subarray(at(find) + find.length),
      ]);
    };
    const head = (change: object): string => JSON.stringify({ ...JSON.parse(linesOf(whole)[0]!), ...change });
    const body = (): string[] => linesOf(whole).slice(1, -1);

    const problems: [string, () => Buffer, RegExp][] = [
      ['that is empty', () => Buffer.alloc(0), /is empty/],
      ['that is something else', () => Buffer.from('hello\nworld\n'), /is not an export/],
      ['that is something else without lines', () => Buffer.alloc(100, 'x'), /is not an export/],
      ['that is other JSON', () => Buffer.from('{"format":"x"}\n'), /is not an export/],
      ['that expires in the middle of a line', () => whole.subarray(0, whole.length / 2), /ends too early/],
      [
        'that ends before its last line',
        () => sealed(linesOf(whole).slice(0, -1)).subarray(0, -130),
        /ends too early/,
      ],
      ['that lacks its last byte', () => whole.subarray(0, -1), /ends too early/],
      ['with something behind its end', () => Buffer.concat([whole, Buffer.from('\n')]), /changed/],
      [
        'with one letter changed',
        () => changed(people[2]!.email, people[2]!.email.replace('@', '#')),
        /changed/,
      ],
      [
        'with a changed byte that the database refuses',
        () => changed(people[2]!.userId, 'x'.repeat(36)),
        /changed/,
      ],
      ['with a changed count', () => changed('"users":3', '"users":4'), /changed/],
      ['with another spelling of its end', () => changed('{"end":', '{ "end":'), /changed/],
      ['with a row that has no table', () => sealed([linesOf(whole)[0]!, '["x"]']), /changed/],
      [
        'of a newer format',
        () => sealed([head({ version: 2, written_by: '9.9.9' }), ...body()]),
        /format 2.*9\.9\.9/,
      ],
      ['of another schema', () => sealed([head({ migrations: ['Later1'] }), ...body()]), /ends with Later1/],
      [
        'with a table that is not known',
        () => sealed([linesOf(whole)[0]!, ...body(), '{"table":"pets","columns":{"id":"uuid"},"next":{}}']),
        /a table pets/,
      ],
      [
        'with columns that are not known',
        () =>
          sealed(
            linesOf(whole)
              .slice(0, -1)
              .map((line) => line.replace('"email":"text"', '"mail":"text"')),
          ),
        /columns of users/,
      ],
      ['without one of the tables', () => sealed([linesOf(whole)[0]!]), /no table \w+/],
      [
        'whose rows point nowhere',
        () =>
          sealed(
            linesOf(whole)
              .slice(0, -1)
              .filter((line) => !line.startsWith(`["${people[0]!.userId}","${people[0]!.email}`)),
          ),
        /does not take its rows.*foreign key/,
      ],
    ];

    it.each(problems)('%s is refused and leaves nothing', async (_name, bytes, why) => {
      await expect(importing(bytes())).rejects.toMatchObject({
        name: 'TransferError',
        message: expect.stringMatching(why),
      });
      expect(rowsIn(await contentsOf(empty))).toBe(0);
    });

    it('can be cut anywhere: nothing stays', async () => {
      for (let cut = 1; cut < whole.length; cut += Math.ceil(whole.length / 40)) {
        await expect(importing(whole.subarray(0, cut))).rejects.toThrow(/ends too early|not an export/);
      }
      expect(rowsIn(await contentsOf(empty))).toBe(0);
    });

    it('leaves nothing when the last check says no; and the whole file is taken, however it is cut into chunks', async () => {
      const no = () => Promise.reject(new Error('no'));
      await expect(importing(whole, no)).rejects.toThrow('no');
      expect(rowsIn(await contentsOf(empty))).toBe(0);
      await importing(Array.from(whole, (byte) => Buffer.from([byte])));
      expect(await contentsOf(empty)).toEqual(before);
    });
  });

  embeddedOnly('of the embedded database', () => {
    it('waits for the server to be stopped, and says so', async () => {
      const app = await TestApp.start({ env: from });
      for (const args of [
        ['export', '-'],
        ['import', file],
      ]) {
        const { code, out, err } = await operate(args, from);
        expect([code, out, err]).toEqual([1, '', expect.stringMatching(/is in use by process \d+/)]);
      }
      await app.close();
    });
  });

  postgresOnly('beside running servers', () => {
    it('is filled under a server that runs: from the next request on everybody is there', async () => {
      const to = { ...(await freshDatabase()), TRACEVAULT_ENCRYPTION_KEY: masterKey };
      const app = await TestApp.start({ env: to });
      expect(await operate(['import', file], to)).toMatchObject({ code: 0, err: '' });
      const { token, apiKey } = people[0]!;
      const models = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
      expect([models.status, app.upstream.last.headers['x-api-key']]).toEqual([200, apiKey]);
      await app.close();
    });

    it('is written as of one moment, whoever signs up meanwhile', async () => {
      const source = { ...(await freshDatabase()), TRACEVAULT_ENCRYPTION_KEY: masterKey };
      const app = await TestApp.start({ env: source });
      await app.signUp();
      const path = join(await emptyDirectory(), 'x');
      let done = false;
      const exporting = operate(['export', path], source).finally(() => (done = true));
      let signedUp = 1;
      for (; !done; signedUp++) await app.signUp(null);
      expect(await exporting).toMatchObject({ code: 0, err: '' });
      await app.close();
      const to = { ...(await freshDatabase()), TRACEVAULT_ENCRYPTION_KEY: masterKey };
      expect(await operate(['import', path], to)).toMatchObject({ code: 0, err: '' });
      const { users, orgs, user_org_memberships, auth_sessions } = await contentsAt(to);
      expect(users!.length).toBeLessThanOrEqual(signedUp);
      for (const others of [orgs, user_org_memberships, auth_sessions])
        expect(others).toHaveLength(users!.length);
    });
  });
});
