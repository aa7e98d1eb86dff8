import * as zlib from 'node:zlib';
import { part, sse, usageOf, usagesOf } from '../../test/support/metered';
import { UsageTap } from './usage-tap';

const EVENTS = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      model: 'm',
      content: [],
      usage: { input_tokens: 20, cache_read_input_tokens: 300, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ...'The quick brown fox jumps over the lazy dog and runs away'.split(' ').map((word) => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: `${word} ` },
  })),
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 42 } },
  { type: 'message_stop' },
];
const STREAM = sse(EVENTS);
/** The stream above, compressed by zstd 1.5. */
const ZSTD = Buffer.from(
  'KLUv/WRuBt0IAMLNKBlgdw4MpVW2GSj9x4je/RAAnNK1IpMIAnI5ANCdMLpTa3WclA9P65VsI1X7XpPYpZadVDZ1apuU2vJVLzVZUFYZilWrRMtjVQE7h2yJ5w/fO+OGfwJ8xpM+f4+WKikRALquG9qqf4JQxCnZRnYWufwJBPylHNWObVHU+ksQ+KbctC5/l3jWITZ3Pufg3w/PlNbnAihbTqCt7Bu5kffyFMCmfHEtIEBKIIS6cG8G9wdlC+Ca4KLSA7tqRpkhoANq+yBZSXDcIeVNSTwdUW86opnSpHZ64+6UREt1NOmIUh15Uw11E9lqUGUAq4QyBh5gSAY+jfs11Cj7Ao/lNJAAXqpKzsDGrNwcByBdWV3ZyGpkzJYBgQkO8QTxGRb4',
  'base64',
);
const MEASURED = { state: 'measured', model: 'm', parts: [part({ input: 20, cacheRead: 300, output: 42 })] };
const BODY = JSON.stringify({
  id: 'msg_1',
  model: 'm',
  content: [{ type: 'text', text: 'x' }],
  usage: { input_tokens: 20, cache_read_input_tokens: 300, output_tokens: 42 },
});

const CODINGS: readonly [coding: string, encode: (text: Buffer) => Buffer][] = [
  ['gzip', zlib.gzipSync],
  ['x-gzip', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['br', zlib.brotliCompressSync],
];
const inPieces = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );

/** A writer that flushes behind every event, as servers do. */
async function flushed(texts: readonly string[]): Promise<Buffer[]> {
  const gzip = zlib.createGzip();
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const text of texts) {
    gzip.write(text);
    await new Promise<void>((resolve) => gzip.flush(resolve));
  }
  return chunks;
}

describe('a compressed response', () => {
  it.each(CODINGS)(
    'cases 11, 12, 13: in %s is decoded, in whatever pieces it comes',
    async (coding, encode) => {
      for (const size of [1, 7, 1e6]) {
        const chunks = inPieces(encode(Buffer.from(STREAM)), size);
        expect(await usageOf({ chunks, coding, contentType: 'text/event-stream' })).toMatchObject(MEASURED);
      }
      const body = { chunks: [encode(Buffer.from(BODY))], coding, contentType: 'application/json' };
      expect(await usageOf(body)).toMatchObject(MEASURED);
    },
  );

  it('case 13: in zstd is decoded on every Node', async () => {
    for (const size of [1, 50, 1e6])
      expect(await usageOf({ chunks: inPieces(ZSTD, size), coding: 'zstd' })).toMatchObject(MEASURED);
    expect(await usageOf({ chunks: [ZSTD.subarray(0, 40)], coding: 'zstd' })).toMatchObject({
      state: 'unreadable',
    });
  });

  it('that the client aborts behind its last event is measured, and before it estimated', async () => {
    const chunks = await flushed(EVENTS.map((event) => sse([event])));
    const cut = { coding: 'gzip', contentType: 'text/event-stream', outcome: 'client_aborted' } as const;
    expect(await usageOf({ ...cut, chunks })).toMatchObject(MEASURED);
    expect(await usageOf({ ...cut, chunks: chunks.slice(0, -4) })).toMatchObject({
      state: 'estimated',
      parts: [part({ input: 20, cacheRead: 300, output: 12 })],
    });
  });

  it('that is corrupt in the middle yields what comes before, and is never measured', async () => {
    const chunks = await flushed(EVENTS.map((event) => sse([event])));
    const corrupt = Buffer.concat(chunks);
    corrupt.fill(0xff, corrupt.length - 60, corrupt.length - 40);
    const usage = await usageOf({ chunks: [corrupt], coding: 'gzip', contentType: 'text/event-stream' });
    expect(usage).toMatchObject({ state: 'estimated', model: 'm' });
    expect(usage.parts[0]!.input).toBe(20);
  });

  it.each(['compress', 'gzip, br', 'aes128gcm'])('in %s is unreadable', async (coding) => {
    expect((await usageOf({ chunks: STREAM, coding })).state).toBe('unreadable');
  });

  it.each(['gzip', 'deflate', 'br', 'zstd'])('that is no %s is unreadable', async (coding) => {
    expect((await usageOf({ chunks: STREAM, coding })).state).toBe('unreadable');
  });

  const noise = (length: number): string =>
    Buffer.from(Array.from({ length }, () => 33 + Math.floor(Math.random() * 57))).toString();

  it.each(CODINGS)(
    'in %s over 256 KB is decoded by the thread pool, in whatever pieces it comes',
    async (coding, encode) => {
      const large = encode(
        Buffer.from(JSON.stringify({ ...(JSON.parse(BODY) as object), noise: noise(400_000) })),
      );
      for (const size of [1000, 16_384, 1e6])
        expect(
          await usageOf({ chunks: inPieces(large, size), coding, contentType: 'application/json' }),
        ).toMatchObject(MEASURED);
    },
  );

  describe('that is decoded as it passes', () => {
    const delta = (text: string) => ({ type: 'content_block_delta', delta: { type: 'text_delta', text } });
    const passing = (chunks: readonly Buffer[], coding = 'gzip') =>
      usageOf({ chunks, coding, contentType: 'text/event-stream', outcome: 'client_aborted' });
    const events = [
      EVENTS[0]!,
      ...Array.from({ length: 100 }, () => delta(noise(2000))),
      ...EVENTS.slice(-2),
    ];

    it('is measured when the client aborts behind its last event, and before it estimated', async () => {
      const chunks = await flushed(events.map((event) => sse([event])));
      expect(Buffer.concat(chunks).length).toBeGreaterThan(128 * 1024);
      expect(await passing(chunks)).toMatchObject(MEASURED);
      const cut = await passing(chunks.slice(0, -4));
      expect(cut).toMatchObject({ state: 'estimated', model: 'm' });
      expect(cut.parts[0]!.output).toBeGreaterThan(45_000); // four characters each
    });

    it('is estimated by what comes before a fault', async () => {
      const chunks = await flushed(events.map((event) => sse([event])));
      chunks.at(-10)![0]! |= 0b110; // a block of the type that there is none of
      const usage = await passing(inPieces(Buffer.concat(chunks), 1000));
      expect(usage).toMatchObject({ state: 'estimated', model: 'm' });
      expect(usage.parts[0]!.input).toBe(20);
      expect(usage.parts[0]!.output).toBeGreaterThan(30_000);
    });
  });

  it.each(['br', 'zstd'])('in %s over the limit of what is kept is unreadable', async (coding) => {
    const chunks = Array.from({ length: 9 }, () => Buffer.alloc(1024 * 1024));
    expect((await usageOf({ chunks, coding })).state).toBe('unreadable');
  });

  it.each([
    ['gzip', zlib.gzipSync(Buffer.alloc(200 * 1024 * 1024))],
    [
      'br',
      zlib.brotliCompressSync(Buffer.alloc(200 * 1024 * 1024), {
        params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 },
      }),
    ],
  ])('that is a bomb of %s is unreadable', async (coding, bomb) => {
    expect((await usageOf({ chunks: [bomb], coding, contentType: 'application/json' })).state).toBe(
      'unreadable',
    );
  });
});

describe('a response', () => {
  it.each([
    ['an error', { status: 529 }],
    ['a free endpoint', { format: 'none' as const }],
  ])('of %s has no usage, and is not read', async (_, more) => {
    expect(await usageOf({ chunks: BODY, ...more })).toMatchObject({ state: 'none', parts: [] });
  });

  it('without a type is read as what it looks like', async () => {
    expect(await usageOf({ chunks: BODY, contentType: '' })).toMatchObject(MEASURED);
    expect(await usageOf({ chunks: STREAM, contentType: 'text/plain' })).toMatchObject(MEASURED);
  });

  it('that never came is estimated if the client aborted, and has no usage otherwise', async () => {
    const states = (['client_aborted', 'upstream_failed', 'rejected'] as const).map(async (outcome) => {
      const call = {
        endpoint: 'messages',
        format: 'messages',
        reportsCost: false,
        model: undefined,
        batchId: undefined,
      } as const;
      const tap = new UsageTap(call, { isBehind: () => false });
      tap.requestChunk(Buffer.from('{"model":"asked"}'));
      tap.end(outcome);
      const [usage] = await tap.usages;
      expect(usage!.requestedModel).toBe('asked');
      return usage!.state;
    });
    expect(await Promise.all(states)).toEqual(['estimated', 'none', 'none']);
  });

  it.each([
    ['completed', '', 'unreadable'],
    ['completed', 'no events', 'unreadable'],
    ['completed', '{"usage":', 'unreadable'],
    ['client_aborted', '', 'estimated'],
    ['client_aborted', '{"model":"m"', 'estimated'],
  ] as const)('that is %s with %j is %s', async (outcome, chunks, state) => {
    expect((await usageOf({ chunks, outcome })).state).toBe(state);
  });

  it('that was cut behind its usage is estimated by it', async () => {
    expect(await usageOf({ chunks: BODY.slice(0, -1), outcome: 'upstream_failed' })).toMatchObject({
      ...MEASURED,
      state: 'estimated',
    });
  });

  it.each([0, 1])('case 28: of 5 MB is measured, with its usage in place %i', async (place) => {
    const members = [`"content":[{"type":"text","text":"${'\\"usage\\":1 '.repeat(450_000)}"}]`];
    members.splice(place, 0, '"usage":{"input_tokens":20,"cache_read_input_tokens":300,"output_tokens":42}');
    const body = Buffer.from(`{"model":"m",${members.join(',')}}`);
    for (const size of [4096, 65_536, 1e9])
      expect(await usageOf({ chunks: inPieces(body, size), contentType: 'application/json' })).toMatchObject(
        MEASURED,
      );
  });

  it('case 27: with 5 MB in one event is measured', async () => {
    const usage = { input_tokens: 5, output_tokens: 7 };
    const response = { id: 'r', model: 'm', status: 'completed', output: ['x'.repeat(5e6)], usage };
    const chunks = inPieces(Buffer.from(sse([{ type: 'response.completed', response }])), 65_536);
    expect(await usageOf({ format: 'responses', chunks, contentType: 'text/event-stream' })).toMatchObject({
      state: 'measured',
      parts: [part({ input: 5, output: 7 })],
    });
  });

  it('of nothing but line ends is read in one go, not once for each of them', async () => {
    const lines = Buffer.alloc(4 * 1024 * 1024, '\r'); // minutes, if each looked through all that follow
    expect(await usageOf({ contentType: 'text/event-stream', chunks: [lines] })).toMatchObject({
      state: 'unreadable',
    });
  });

  it('case 27: with an event beyond any bound is unreadable', async () => {
    const chunks = Array.from({ length: 40 }, () => Buffer.alloc(1024 * 1024, 'data: x'));
    expect((await usageOf({ chunks, contentType: 'text/event-stream' })).state).toBe('unreadable');
  });

  it('is no longer read once the process is behind', async () => {
    let chunks = 0;
    const isBehind = (): boolean => ++chunks > 2;
    expect(
      (
        await usageOf({
          chunks: inPieces(Buffer.from(STREAM), 300),
          isBehind,
          contentType: 'text/event-stream',
        })
      ).state,
    ).toBe('unreadable');
  });

  it('is not decoded when the event loop is behind at its end', async () => {
    let asked = 0;
    const body = { chunks: [zlib.gzipSync(STREAM)], coding: 'gzip', contentType: 'text/event-stream' };
    expect(await usageOf({ ...body, isBehind: () => ++asked > 2 })).toMatchObject({
      state: 'unreadable',
      parts: [],
    });
    expect(asked).toBe(3); // for the request, for the only chunk, and before decoding
  });

  it('leaves the request unread as well when the event loop is behind', async () => {
    expect(await usageOf({ chunks: STREAM, isBehind: () => true })).toMatchObject({
      state: 'unreadable',
      requestedModel: undefined,
    });
  });

  it('case 26: of each of two calls has its own usage', async () => {
    const [one, two] = await Promise.all([usagesOf({ chunks: STREAM }), usagesOf({ chunks: STREAM })]);
    expect(one).toEqual(two);
    expect(one[0]).toMatchObject({ ...MEASURED, billedOnceKey: undefined });
  });
});

describe('the model that a request names', () => {
  const messages = [{ role: 'user', content: `"model":"no" ${'x'.repeat(200_000)}` }];
  const first = Buffer.from(JSON.stringify({ model: 'mödel', messages, stream: true }));
  const last = Buffer.from(JSON.stringify({ messages, stream: true, model: 'mödel' }));
  const modelOf = async (request: readonly Buffer[], requestCoding?: string) =>
    (await usageOf({ request, chunks: BODY, ...(requestCoding && { requestCoding }) })).requestedModel;

  it.each([
    ['first', first],
    ['last', last],
  ])('is found where it comes %s, in pieces and under any coding', async (_, request) => {
    for (const size of [5000, 1e6]) expect(await modelOf(inPieces(request, size))).toBe('mödel');
    for (const [coding, encode] of CODINGS)
      expect(await modelOf(inPieces(encode(request), 100), coding)).toBe('mödel');
  });

  it('is looked for in a bounded part', async () => {
    const far = Buffer.from(JSON.stringify({ content: 'x'.repeat(6e6), model: 'm' }));
    expect(await modelOf(inPieces(far, 65_536))).toBeUndefined();
    expect(
      await modelOf([Buffer.concat([zlib.gzipSync(first.subarray(0, 9)), Buffer.alloc(1e6)])], 'gzip'),
    ).toBeUndefined();
  });

  it.each(['', 'no JSON', '{"model":5}', '{"model":'])('is unknown in %j', async (text) => {
    expect(await modelOf([Buffer.from(text)])).toBeUndefined();
  });

  it('is unknown under a coding that is not one', async () => {
    expect(await modelOf([first], 'compress')).toBeUndefined();
    expect(await modelOf([first], 'gzip')).toBeUndefined();
  });
});
