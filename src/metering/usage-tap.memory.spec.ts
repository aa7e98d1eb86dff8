import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { part, sse } from '../../test/support/metered';
import { Inflater } from './inflater';
import { MeteredCall } from './metered-call';
import { turnOfItsOwn } from './turns';
import { UsageTap } from './usage-tap';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const run = promisify(execFile);
const MIB = 1024 * 1024;
const CALL: MeteredCall = {
  endpoint: 'messages',
  format: 'messages',
  reportsCost: false,
  model: undefined,
  batchId: undefined,
};

function used(): number {
  collectGarbage();
  collectGarbage(); // the first one frees buffers in the background
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes of a body that goes on and on, with something to keep in each chunk. */
const BODIES = {
  'text/event-stream': [
    'event: message_start\ndata: {"type":"message_start","message":{"model":"m","usage":{"input_tokens":1}}}\n\n',
    `event: content_block_delta\ndata: {"delta":{"type":"text_delta","text":"${'x'.repeat(65_000)}"}}\n\nevent: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":1}}\n\n`,
  ],
  'application/json': [
    '{"model":"m","usage":{"input_tokens":1},"content":[{"type":"text"}',
    `,{"type":"text","text":"${'x'.repeat(65_000)}"}`,
  ],
} as const;

describe('a response of 64 MiB without a coding', () => {
  it.each(Object.entries(BODIES))(
    'in %s is read as it passes, and nothing of it is kept',
    async (type, [start, more]) => {
      const tap = new UsageTap(CALL, { isBehind: () => false });
      tap.responseHead(200, ['content-type', type]);
      tap.responseChunk(Buffer.from(start));
      const before = used();
      for (let passed = 0; passed < 64 * MIB; passed += more.length) tap.responseChunk(Buffer.from(more));
      expect(used() - before).toBeLessThan(8 * MIB);
      tap.end('client_aborted');
      expect(await tap.usages).toMatchObject([{ state: 'estimated', model: 'm' }]);
    },
  );

  it('leaves a thousand idle streams with less than 8 KiB each, and nothing when they have ended', async () => {
    const { stdout } = await run(process.execPath, ['--expose-gc', 'test/support/idle-streams.js']);
    const { ofEach, left } = JSON.parse(stdout) as { ofEach: number; left: number };
    expect(ofEach).toBeGreaterThan(0);
    expect(ofEach).toBeLessThan(8 * 1024);
    expect(left).toBeLessThan(MIB);
  });
});

describe('a response in gzip', () => {
  const HEAD = ['content-type', 'text/event-stream', 'content-encoding', 'gzip'];
  const start = {
    type: 'message_start',
    message: { id: 'msg_1', model: 'm', content: [], usage: { input_tokens: 7, output_tokens: 1 } },
  };
  const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } };
  const delta = () => ({
    type: 'content_block_delta',
    delta: { type: 'text_delta', text: randomBytes(1500).toString('base64') },
  });
  /** A stream of which each event is about 1.5 KB in gzip. */
  const stream = (events: number): Buffer =>
    gzipSync(sse([start, ...Array.from({ length: events }, delta), end, { type: 'message_stop' }]));
  const started = (): UsageTap => {
    const tap = new UsageTap(CALL, { isBehind: () => false });
    tap.requestChunk(Buffer.from('{"model":"m","messages":[]}'));
    tap.responseHead(200, HEAD);
    return tap;
  };

  /** What zlib takes for a stream, in a memory that all of them share. */
  const OF_ZLIB = 44 * 1024;

  it.each([5, 10, 20, 50])(
    'leaves each of 200 idle streams of %i events with less than 80 KiB',
    async (events) => {
      const bytes = stream(events);
      const idle = bytes.subarray(0, bytes.length - 2000); // all but its end
      const idleStreams = (count: number) =>
        Array.from({ length: count }, () => {
          const tap = started();
          for (let at = 0; at < idle.length; at += 16_384) tap.responseChunk(idle.subarray(at, at + 16_384));
          return tap;
        });
      const ended = idleStreams(20); // so that what the engine compiles on the way is not counted
      for (const tap of ended) tap.end('client_aborted');
      for (const tap of ended) await tap.usages;
      const before = used();
      const taps = idleStreams(200);
      // What has arrived is decoded by and by.
      while ((used() - before) / taps.length >= 80 * 1024 - OF_ZLIB) await sleep(100);
      for (const tap of taps) tap.responseChunk(bytes.subarray(idle.length));
      for (const tap of taps) tap.end('completed');
      for (const tap of taps)
        expect(await tap.usages).toMatchObject([
          { state: 'measured', parts: [part({ input: 7, output: 9 })] },
        ]);
    },
    120_000,
  );

  it('leaves the memory of its decoder to others, and what many streams needed to the system', () => {
    const bytes = gzipSync(Buffer.alloc(100_000, 'event: delta'));
    const before = used();
    const inflaters = Array.from({ length: 1_000 }, () => new Inflater('gzip'));
    for (const inflater of inflaters) inflater.inflate(bytes, MIB, () => true);
    expect(used() - before).toBeGreaterThan(40 * MIB);
    for (const inflater of inflaters) inflater.release();
    expect(used() - before).toBeLessThan(17 * MIB); // one memory, for the next 256
  });

  it('of more than 8 MiB is decoded as it passes, and nothing of it is kept', async () => {
    const bytes = stream(6_200);
    expect(bytes.length).toBeGreaterThan(8 * MIB);
    const before = used();
    const tap = started();
    let most = 0;
    for (let at = 0; at < bytes.length; at += 65_536) {
      tap.responseChunk(bytes.subarray(at, at + 65_536));
      await turnOfItsOwn();
      await turnOfItsOwn(); // the decoder has had its own before
      if (at % (2 * MIB) === 0) most = Math.max(most, used() - before);
    }
    expect(most).toBeLessThan(4 * MIB);
    tap.end('completed');
    expect(await tap.usages).toMatchObject([{ state: 'measured', parts: [part({ input: 7, output: 9 })] }]);
  }, 120_000);
});
