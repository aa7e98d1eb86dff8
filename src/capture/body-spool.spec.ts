import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { BodySpool, SpooledBody } from './body-spool';

const MIB = 1024 * 1024;

describe('the spool of bodies', () => {
  let directory: string;
  const open: BodySpool[] = [];

  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'bodies-'))));
  afterEach(async () => {
    await Promise.all(open.splice(0).map((spool) => spool.close()));
    rmSync(directory, { recursive: true });
  });

  function spoolOf(maxBytes: number, folder = directory): BodySpool {
    const spool = new BodySpool(folder, maxBytes);
    open.push(spool);
    return spool;
  }
  const put = async (spool: BodySpool, bytes: Buffer, who = 'somebody'): Promise<SpooledBody> => {
    const body = await spool.put(who, bytes);
    if (body === undefined) throw new Error('There is no room');
    return body;
  };
  const filesOf = (spool: BodySpool) => (spool as unknown as { files: Set<object> }).files;

  it('gives back what was put, in any order and at once, and is empty then', async () => {
    const sizes = fc.array(fc.oneof(fc.nat(2_000), fc.constantFrom(0, 262_143, 262_144, 262_145, 700_000)), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(sizes, fc.infiniteStream(fc.nat(100)), async (lengths, order) => {
        const spool = spoolOf(64 * MIB);
        const bodies = lengths.map((length) => randomBytes(length));
        const put = await Promise.all(bodies.map((body, at) => spool.put(`user ${at % 3}`, body)));
        expect(spool.bytes).toBe(lengths.reduce((sum, length) => sum + length, 0));
        const turns = bodies.map((body, at) => ({
          body,
          spooled: put[at],
          turn: order.next().value as number,
        }));
        turns.sort((one, other) => one.turn - other.turn);
        await Promise.all(
          turns.map(async ({ body, spooled }) => {
            expect((await spool.take(spooled!)).equals(body)).toBe(true);
          }),
        );
        expect(spool.bytes).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('has files without names, in which nothing can be read', async () => {
    const spool = spoolOf(MIB);
    const canary = Buffer.from('the quick canary jumps '.repeat(100));
    const body = await put(spool, canary);
    expect(readdirSync(directory)).toEqual([]);
    const bytes = Buffer.alloc(canary.length);
    await body.file.handle.read(bytes, 0, bytes.length, body.offset);
    expect(bytes.includes('canary')).toBe(false);
    expect(bytes.equals(Buffer.alloc(bytes.length))).toBe(false);
  });

  it('takes no more than it may, and of one person half of that', async () => {
    const spool = spoolOf(4 * MIB);
    const bodies = [await put(spool, Buffer.alloc(2 * MIB), 'a')];
    expect(await spool.put('a', Buffer.alloc(1))).toBeUndefined();
    bodies.push(await put(spool, Buffer.alloc(2 * MIB), 'b'));
    expect(await spool.put('c', Buffer.alloc(1))).toBeUndefined();
    for (const body of bodies) await spool.free(body);
    expect(spool.bytes).toBe(0);
    expect(await spool.put('a', Buffer.alloc(2 * MIB))).toBeDefined();
  });

  it('frees its files: one that is full when all of its bodies are taken, the last one by beginning again', async () => {
    const spool = spoolOf(256 * MIB);
    const bodies: SpooledBody[] = [];
    for (let count = 0; count < 20; count++) bodies.push(await put(spool, randomBytes(2 * MIB)));
    expect(filesOf(spool).size).toBe(3);
    for (const body of bodies) await spool.take(body);
    expect(filesOf(spool).size).toBe(1);
    expect((await put(spool, Buffer.alloc(10))).offset).toBe(0);
  });

  it('refuses what is not what was written, and frees its space all the same', async () => {
    const spool = spoolOf(MIB);
    const body = await put(spool, randomBytes(300_000));
    await body.file.handle.write(Buffer.of(1, 2, 3), 0, 3, 290_000);
    await expect(spool.take(body)).rejects.toThrow();
    const short = await put(spool, randomBytes(300_000));
    await short.file.handle.truncate(100);
    await expect(spool.take(short)).rejects.toThrow('shorter');
    expect(spool.bytes).toBe(0);
  });

  it('says why it can’t write, keeps no room for that, and tries again with the next body', async () => {
    const folder = join(directory, 'not-there');
    writeFileSync(folder, '');
    const spool = spoolOf(MIB, folder);
    await expect(spool.put('a', Buffer.alloc(10))).rejects.toThrow('EEXIST');
    expect(spool.bytes).toBe(0);
    rmSync(folder);
    const body = await put(spool, Buffer.from('x'));
    const write = jest
      .spyOn(body.file.handle as Pick<FileHandle, 'write'>, 'write')
      .mockRejectedValueOnce(new Error('ENOSPC'));
    await expect(spool.put('a', Buffer.alloc(10))).rejects.toThrow('ENOSPC');
    write.mockRestore();
    expect((await spool.take(body)).toString()).toBe('x');
    expect(spool.bytes).toBe(0);
  });
});
