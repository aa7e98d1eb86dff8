import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ProviderKeyEntity } from '../src/credentials/provider-key.entity';
import { TestApp } from './support/app';
import { freshDatabase } from './support/database';
import { embeddedOnly } from './support/which-database';

describe('the master key', () => {
  const key = () => randomBytes(32).toString('base64');

  it('from the environment is used, and none is made beside it', async () => {
    const database = await freshDatabase();
    const app = await TestApp.start({ env: { ...database, TRACEVAULT_ENCRYPTION_KEY: key() } });
    await app.signUp();
    expect(app.log).not.toContain('Created a master key');
    if (database.TRACEVAULT_DATA_DIR !== undefined) {
      await expect(stat(join(database.TRACEVAULT_DATA_DIR, 'encryption.key'))).rejects.toThrow('ENOENT');
    }
    await app.close();
  });

  it('may change: rows under a previous one open, new ones go under the current one', async () => {
    const database = await freshDatabase();
    const [old, next] = [key(), key()];
    const before = await TestApp.start({ env: { ...database, TRACEVAULT_ENCRYPTION_KEY: old } });
    const person = await before.signUp('sk-ant-old-row');
    const idOf = async (app: TestApp): Promise<string> =>
      (await app.dataSource.getRepository(ProviderKeyEntity).findOneByOrFail({ userId: person.userId }))
        .masterKeyId;
    const oldId = await idOf(before);
    await before.close();

    const after = await TestApp.start({
      env: { ...database, TRACEVAULT_ENCRYPTION_KEY: next, TRACEVAULT_ENCRYPTION_KEY_PREVIOUS: old },
    });
    await fetch(`${after.proxyUrl}/v1/models`, { headers: { 'x-api-key': person.token } });
    expect(after.upstream.last.headers['x-api-key']).toBe('sk-ant-old-row');
    expect(after.log).not.toContain('not configured');
    await after.storeKey(person.token, 'sk-ant-new-row');
    expect(await idOf(after)).not.toBe(oldId);
    await after.close();
  });

  it('that rows need and nobody configured is named at the start by its id, with how many rows need it', async () => {
    const database = await freshDatabase();
    const before = await TestApp.start({ env: { ...database, TRACEVAULT_ENCRYPTION_KEY: key() } });
    const people = [await before.signUp(), await before.signUp()];
    const { masterKeyId } = await before.dataSource
      .getRepository(ProviderKeyEntity)
      .findOneByOrFail({ userId: people[0]!.userId });
    await before.close();
    const after = await TestApp.start({ env: { ...database, TRACEVAULT_ENCRYPTION_KEY: key() } });
    const line = after.log.split('\n').find((text) => text.includes('not configured'))!;
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      master_key_id: masterKeyId,
      rows: 2,
      msg: expect.stringContaining('_PREVIOUS'),
    });
    const response = await fetch(`${after.proxyUrl}/v1/models`, {
      headers: { 'x-api-key': people[0]!.token },
    });
    expect(response.status).toBe(500);
    await after.close();
  });
});

embeddedOnly('a master key that nobody configured', () => {
  it('is made at the first start, said once, and found at the next', async () => {
    const database = await freshDatabase();
    const file = join(database.TRACEVAULT_DATA_DIR!, 'encryption.key');
    const first = await TestApp.start({ env: database });
    expect(first.log).toContain(`Created a master key and keep it in ${file}. Back it up`);
    const person = await first.signUp('sk-ant-under-the-made-key');
    await first.close();

    const second = await TestApp.start({ env: database });
    expect(second.log).not.toContain('master key');
    await fetch(`${second.proxyUrl}/v1/models`, { headers: { 'x-api-key': person.token } });
    expect(second.upstream.last.headers['x-api-key']).toBe('sk-ant-under-the-made-key');
    await second.close();
  });

  it('is not created again over rows that need another one', async () => {
    const database = await freshDatabase();
    const key = randomBytes(32).toString('base64');
    const before = await TestApp.start({ env: { ...database, TRACEVAULT_ENCRYPTION_KEY: key } });
    await before.signUp();
    await before.close();
    await expect(TestApp.start({ env: database })).rejects.toThrow('encryption.key is missing');
  });
});
