import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DataSource } from 'typeorm';
import { loadConfig } from '../src/config/env';
import { createDataSource } from '../src/database/data-source';
import { applyRest, migrate, revertTo } from '../src/database/migrate';
import { RotationService } from '../src/credentials/rotation.service';
import { ImportService } from '../src/transfer/import.service';
import { TestApp } from './support/app';
import { contentsOf } from './support/contents';
import { freshDatabase } from './support/database';

/** What the first schema that anybody kept data in ended with: 14 steps, and then standard names. */
const STEPS = 14;
const FIXTURE = join(__dirname, 'fixtures/release-0');

/** How many events the fixture has, by their names of today. */
const ACTIONS = {
  provider_key_stored: 2,
  invite_created: 4,
  org_api_key_created: 1,
  proxy_token_revoked: 1,
  proxy_token_created: 3,
};

const fixture = (name: string): Promise<string> => readFile(join(FIXTURE, name), 'utf8');

interface Credentials {
  readonly master_key: string;
  readonly sessions: { readonly ada: string };
  readonly passwords: { readonly ada: string };
  readonly anthropic_keys: { readonly ada: string };
  readonly proxy_tokens: { readonly laptop: string; readonly old: string };
  readonly org_api_key: string;
  readonly invite: string;
}

describe('what an earlier version has kept', () => {
  let secrets: Credentials;
  let rows: string[];
  let database: NodeJS.ProcessEnv;

  beforeAll(async () => {
    secrets = JSON.parse(await fixture('credentials.json')) as Credentials;
    rows = (await fixture('rows.sql')).trimEnd().split('\n');
  });

  beforeEach(async () => {
    database = { ...(await freshDatabase()), TRACEVAULT_ENCRYPTION_KEY: secrets.master_key };
  });

  async function withDatabase<Result>(work: (dataSource: DataSource) => Promise<Result>): Promise<Result> {
    const dataSource = await createDataSource(loadConfig(database).database).initialize();
    try {
      await migrate(dataSource);
      return await work(dataSource);
    } finally {
      await dataSource.destroy();
    }
  }

  /** A database as that version left it. */
  async function fill(): Promise<void> {
    await withDatabase(async (dataSource) => {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      await revertTo(STEPS, dataSource, runner);
      for (const row of rows) await runner.query(row);
      await runner.commitTransaction();
      await runner.release();
    });
  }

  it('is all there after the server has started on its database, and works as it did', async () => {
    await fill();
    const app = await TestApp.start({ env: { ...database, TRACEVAULT_AUDIT_RETENTION_DAYS: '0' } });
    try {
      const contents = await contentsOf(app.dataSource);
      const { seal_queue: toSeal, ...kept } = contents;
      expect(Object.values(kept).flat()).toHaveLength(rows.length);
      expect(toSeal).toHaveLength(contents.audit_events!.length); // what was recorded before is sealed as well

      const call = async (token: string): Promise<Response> =>
        fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
      for (const token of [secrets.sessions.ada, secrets.proxy_tokens.laptop]) {
        expect((await call(token)).status).toBe(200);
        expect(app.upstream.last.headers['x-api-key']).toBe(secrets.anthropic_keys.ada);
      }
      const revoked = await call(secrets.proxy_tokens.old);
      expect([revoked.status, await revoked.text()]).toEqual([
        401,
        expect.stringMatching(/"old\\" was (ended|revoked) at 2026-11-27/),
      ]);

      const body = { email: 'ada@example.com', password: secrets.passwords.ada };
      const login = await app.api('POST', 'auth/login', { body });
      expect(login.status).toBe(200);
      const { token } = (await login.json()) as { token: string };
      const keys = await app.api('GET', 'orgs/engines/api-keys', { token });
      expect(await keys.json()).toEqual([expect.objectContaining({ name: 'ci' })]);
      const invite = {
        email: 'carol@example.com',
        password: 'carol likes long words',
        invite: secrets.invite,
      };
      expect((await app.api('POST', 'auth/register', { body: invite })).status).toBe(201);
    } finally {
      await app.close();
    }
  });

  it('has keys that rotate-keys binds to their provider, which the earlier version could not', async () => {
    await fill();
    const app = await TestApp.start({ env: database });
    try {
      const formats = (): Promise<{ format: number; provider: string }[]> =>
        app.dataSource.query('SELECT format, provider FROM provider_keys');
      const [first] = await formats();
      expect(first).toEqual({ format: 1, provider: 'anthropic' });
      const rotation = app.app.get(RotationService, { strict: false });
      const { rotated } = await rotation.rotate({ batchSize: 1, dryRun: false, onProgress: () => undefined });
      expect(rotated).toBe((await formats()).length);
      expect(new Set((await formats()).map(({ format }) => format))).toEqual(new Set([2]));
      app.invalidateAuthCache();
      const headers = { 'x-api-key': secrets.sessions.ada };
      expect((await fetch(`${app.proxyUrl}/v1/models`, { headers })).status).toBe(200);
      expect(app.upstream.last.headers['x-api-key']).toBe(secrets.anthropic_keys.ada);
      const runner = app.dataSource.createQueryRunner();
      await expect(revertTo(STEPS + 1, app.dataSource, runner)).rejects.toThrow('remove them first');
      await runner.release();
    } finally {
      await app.close();
    }
  });

  it('has the names of today in the audit trail, which is as append-only as before', async () => {
    await fill();
    await withDatabase(async (dataSource) => {
      const events = await dataSource.query<{ action: string; count: number }[]>(
        'SELECT action, count(*)::int AS count FROM audit_events GROUP BY action',
      );
      expect(Object.fromEntries(events.map(({ action, count }) => [action, count]))).toMatchObject(ACTIONS);
      await expect(dataSource.query(`UPDATE audit_events SET client = 'x'`)).rejects.toThrow('append-only');
    });
  });

  it('comes out of its export as out of its database, to the byte', async () => {
    await fill();
    const upgraded = await withDatabase(contentsOf);
    database = { ...(await freshDatabase()), TRACEVAULT_ENCRYPTION_KEY: secrets.master_key };
    const imported = await withDatabase(async (dataSource) => {
      const file = Readable.from([await fixture('export.jsonl')]);
      const count = await new ImportService(dataSource).importFrom(file, {
        dryRun: false,
        check: () => Promise.resolve(),
      });
      expect([...count.values()].reduce((sum, rows) => sum + rows, 0)).toBe(rows.length);
      return contentsOf(dataSource);
    });
    expect(imported).toEqual(upgraded);
  });

  it('can be brought back to its schema, and forward again, with every row', async () => {
    await fill();
    await withDatabase(async (dataSource) => {
      const before = await contentsOf(dataSource);
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      await revertTo(STEPS, dataSource, runner);
      expect(await applyRest(dataSource, runner)).toHaveLength(dataSource.migrations.length - STEPS);
      await runner.commitTransaction();
      await runner.release();
      expect(await contentsOf(dataSource)).toEqual(before);
    });
  });
});
