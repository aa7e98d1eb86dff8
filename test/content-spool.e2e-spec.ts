import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ContentWriter } from '../src/capture/content-writer';
import { Config } from '../src/config/config';
import { Person, TestApp } from './support/app';
import { emptyDirectory } from './support/database';
import { FakeS3 } from './support/fake-s3';
import { contentWritten, keepContent, keptRequests } from './support/traces';

const MIB = 1024 * 1024;
const CANARY = 'the quick canary 5d1c0e jumps';
const ANSWER = `{"type":"message","text":"${CANARY}"}`;

jest.setTimeout(120_000);

/** Stands for a body in what a test says when it fails. */
const digestOf = (body: string): string => createHash('sha256').update(body).digest('hex');

describe('content that waits on the disk', () => {
  let bucket: FakeS3;
  let directory: string;
  const closing: (() => unknown)[] = [];

  beforeEach(async () => {
    directory = await emptyDirectory();
    bucket = await FakeS3.start();
    closing.push(() => bucket.close());
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Starts a server with little memory, whose store answers nothing, so that what is said has to wait. */
  async function start(spool: Partial<Config['spool']> = {}): Promise<{ app: TestApp; person: Person }> {
    const app = await TestApp.start({
      env: { ...bucket.env },
      adjust: ({ traces, ...config }) => ({
        ...config,
        traces: {
          ...traces,
          maxWaitingBytes: 4 * MIB,
          spool: { directory: join(directory, 'spool'), maxBytes: 64 * MIB, ...spool },
          bucket: traces.bucket && {
            ...traces.bucket,
            quietMs: 3_000,
            readMs: 30_000,
            writeMs: 120_000,
            restMs: 100,
          },
        },
      }),
    });
    closing.push(() => app.close());
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => response.end(ANSWER));
    });
    const person = await app.signUp();
    await keepContent(app, person);
    bucket.isSilent = true;
    return { app, person };
  }

  /** Waits until memory has room again, as far as the disk gives it: a client's next call takes longer than that. */
  async function movedOn(app: TestApp): Promise<void> {
    for (let waited = 0; writerOf(app).buffer.bytes > MIB && waited < 500; waited += 10) await sleep(10);
  }

  /** Sends calls of 300 KB, one after the other. @returns the digests of their bodies. */
  async function send(app: TestApp, { token }: Person, count: number): Promise<string[]> {
    const bodies = Array.from({ length: count }, (_, at) =>
      JSON.stringify({ messages: [{ role: 'user', content: `${at} ${CANARY} `.repeat(9_000) }] }),
    );
    const headers = { 'x-api-key': token, 'x-session-id': 's', 'user-agent': 'agent/1' };
    for (const body of bodies) {
      const response = await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body });
      expect([response.status, await response.text()]).toEqual([200, ANSWER]);
      await movedOn(app);
    }
    return bodies.map(digestOf);
  }

  const writerOf = (app: TestApp): ContentWriter => app.app.get(ContentWriter, { strict: false });

  async function untilMoved(app: TestApp, bytes: number): Promise<void> {
    for (let waited = 0; writerOf(app).spool.bytes < bytes; waited += 10) {
      if (waited > 20_000) throw new Error(`Only ${writerOf(app).spool.bytes} bytes are in the spool`);
      await sleep(10);
    }
  }

  /** What is read of the requests of the only trace: the digest of each body, or the code of its refusal. */
  async function requests(app: TestApp, person: Person, count: number): Promise<string[]> {
    const read = await keptRequests(app, person, count);
    return read.map((body) => (typeof body === 'string' ? digestOf(body) : (body as [number, string])[1]));
  }

  /** The bytes of this process's open files of the spool, which have no names; none where there is no `/proc`. */
  function openFiles(): Buffer[] {
    const folder = '/proc/self/fd';
    if (process.platform !== 'linux') return [];
    return readdirSync(folder).flatMap((name) => {
      try {
        const isOfSpool = readlinkSync(join(folder, name)).startsWith(join(directory, 'spool', 'bodies-'));
        return isOfSpool ? [readFileSync(join(folder, name))] : [];
      } catch {
        return []; // it has been closed meanwhile
      }
    });
  }

  it('is kept byte for byte when its turn comes, though memory had no room; the files have no name and cannot be read', async () => {
    const { app, person } = await start();
    const { buffer, spool, counts } = writerOf(app);
    const bodies = await send(app, person, 30);
    await untilMoved(app, 6 * MIB);
    expect(buffer.bytes).toBeLessThanOrEqual(2 * MIB);
    expect(readdirSync(join(directory, 'spool'))).toEqual([]);
    if (process.platform === 'linux') expect(openFiles().length).toBeGreaterThan(0);
    for (const bytes of openFiles()) expect(bytes.includes('canary')).toBe(false);

    bucket.isSilent = false;
    await contentWritten(app);
    expect(await requests(app, person, 30)).toEqual(bodies);
    expect([...counts]).toEqual([
      ['kept', 60],
      ['too_large', 0],
      ['dropped', 0],
      ['deleted', 0],
    ]);
    expect([buffer.bytes, spool.bytes]).toEqual([0, 0]);
  });

  it('is dropped and counted when the spool is full as well, and what was there before is kept', async () => {
    const { app, person } = await start({ maxBytes: 4 * MIB });
    const bodies = await send(app, person, 16);
    await app.calls(person, 16);
    expect(writerOf(app).spool.bytes).toBeLessThanOrEqual(2 * MIB); // one person’s half
    bucket.isSilent = false;
    await contentWritten(app);
    const read = await requests(app, person, 16);
    const kept = read.filter((body) => body !== 'content_dropped');
    expect(kept.length).toBeGreaterThan(7);
    expect(kept.length).toBeLessThan(16);
    expect(kept).toEqual(bodies.filter((body) => kept.includes(body)));
    expect(writerOf(app).counts.get('dropped')).toBeGreaterThanOrEqual(16 - kept.length);
    expect([writerOf(app).buffer.bytes, writerOf(app).spool.bytes]).toEqual([0, 0]);
  });

  it('waits in memory alone where the spool can’t be written, which the log says once', async () => {
    const file = join(directory, 'a-file');
    writeFileSync(file, '');
    const { app, person } = await start({ directory: file });
    const bodies = await send(app, person, 5);
    await app.calls(person, 5);
    bucket.isSilent = false;
    await contentWritten(app);
    expect(await requests(app, person, 5)).toEqual(bodies);
    expect(app.log.split('The spool can’t be written').length - 1).toBe(1);
    expect([writerOf(app).buffer.bytes, writerOf(app).spool.bytes]).toEqual([0, 0]);
  });

  it('that can’t be read from the disk again holds up no other, and is counted as dropped', async () => {
    const { app, person } = await start();
    const bodies = await send(app, person, 12);
    await untilMoved(app, 1.5 * MIB);
    const { spool } = writerOf(app) as unknown as {
      spool: { last: { handle: { truncate: (length: number) => Promise<void> } } };
    };
    await spool.last.handle.truncate(600_000);
    bucket.isSilent = false;
    await contentWritten(app);
    const read = await requests(app, person, 12);
    const kept = read.filter((body) => bodies.includes(body));
    expect(kept.length).toBeGreaterThan(2);
    expect(kept.length).toBeLessThan(12);
    expect(kept).toEqual(bodies.filter((body) => kept.includes(body)));
    expect(writerOf(app).counts.get('dropped')).toBe(2 * (12 - kept.length));
    expect(app.log).toContain('can’t be read from the spool');
    expect([writerOf(app).buffer.bytes, writerOf(app).spool.bytes]).toEqual([0, 0]);
  });
});
