import { randomBytes } from 'node:crypto';
import { ProviderKeyEntity } from '../src/credentials/provider-key.entity';
import { ProviderKeyRepository } from '../src/credentials/provider-key.repository';
import { RotationService } from '../src/credentials/rotation.service';
import { Person, TestApp } from './support/app';
import { freshDatabase } from './support/database';

/** In this process; `rotate-keys` runs the command as an operator does. */
describe('moving rows to the current master key', () => {
  let app: TestApp;
  let people: Person[];

  beforeAll(async () => {
    const database = await freshDatabase();
    const [older, newer] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    const before = await TestApp.start({ env: { ...database, TRACEVAULT_ENCRYPTION_KEY: older } });
    people = [];
    for (let number = 0; number < 5; number++) people.push(await before.signUp());
    await before.close();
    people.sort((one, other) => (one.userId < other.userId ? -1 : 1));
    app = await TestApp.start({
      env: { ...database, TRACEVAULT_ENCRYPTION_KEY: newer, TRACEVAULT_ENCRYPTION_KEY_PREVIOUS: older },
    });
  });
  afterAll(() => app.close());

  const rows = () => app.dataSource.getRepository(ProviderKeyEntity);
  const rotation = () => app.app.get(RotationService, { strict: false });
  const rotate = async (
    batchSize: number,
    dryRun = false,
    onProgress: (looked: number) => void = () => undefined,
  ) => rotation().rotate({ batchSize, dryRun, onProgress });

  it('goes through all of them by batches, in order, whether one opens or not', async () => {
    const looked: number[] = [];
    const third = await rows().findOneByOrFail({ userId: people[2]!.userId });
    await rows().update({ id: third.id }, { masterKeyId: '0123456789abcdef' });
    const tried = await rotate(2, true, (count) => looked.push(count));
    expect(tried).toEqual({ rotated: 4, overtaken: 0, unreadable: new Map([['0123456789abcdef', 1]]) });
    expect(looked).toEqual([2, 4, 5]);
    await rows().update({ id: third.id }, { masterKeyId: third.masterKeyId });
  });

  it('yields to an owner who stores a key between reading and writing', async () => {
    const last = people.at(-1)!;
    expect(await rotate(5)).toEqual({ rotated: 5, overtaken: 0, unreadable: new Map() });
    expect(await rotation().masterKeyUsage()).toMatchObject([{ rows: 5, role: 'current' }]);

    // The same row as it was read a moment ago, and meanwhile stored again.
    const read = await rows().findOneByOrFail({ userId: last.userId });
    await app.storeKey(last.token, 'sk-ant-newer');
    const stored = await rows().findOneByOrFail({ userId: last.userId });
    const repository = app.app.get(ProviderKeyRepository, { strict: false });
    const sealed = { ciphertext: Buffer.from('x'), nonce: Buffer.alloc(12), masterKeyId: 'x' };
    expect(await repository.reencrypt(read, sealed)).toBe(false);
    expect(await rows().findOneByOrFail({ userId: last.userId })).toEqual(stored);
  });

  it('leaves each key what it was', async () => {
    for (const person of people.slice(0, 4)) {
      await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': person.token } });
      expect(app.upstream.last.headers['x-api-key']).toBe(person.apiKey);
    }
  });
});
