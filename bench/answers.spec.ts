import { constants, gunzipSync } from 'node:zlib';
import { usageOf } from '../test/support/metered';
import { BEGINNING, ENDING, MESSAGE, STREAMS, textEvent } from './answers';
import { StreamCoding } from './job';

const CALL = { reportsCost: false };

describe('the answers of the bench', () => {
  it('have usage that a meter can measure, whole or as a stream', async () => {
    const expected = { state: 'measured', model: 'claude-sonnet-5', parts: [{ input: 12, output: 96 }] };
    expect(await usageOf({ call: CALL, chunks: MESSAGE })).toMatchObject(expected);
    const stream = BEGINNING + textEvent(160) + ENDING;
    expect(await usageOf({ call: CALL, chunks: stream })).toMatchObject(expected);
  });

  it.each<[StreamCoding, number]>([
    ['identity', 2],
    ['gzip', 3], // the beginning ends with one
  ])('carry in %s a time that is found without decoding', async (coding, texts) => {
    const { beginning, event } = STREAMS[coding];
    const chunks = [beginning, event(), event()];
    for (const chunk of chunks.slice(1)) expect(chunk.toString('latin1')).toMatch(/sent_ns=\d{20}/);
    // Four characters of ` and then sent_ns=` and 20 digits each are a token.
    const output = Math.floor((texts * ' and then sent_ns='.length + texts * 20) / 4);
    const parts = [{ input: 12, cacheRead: 54_000, output }];
    const passing = {
      chunks,
      coding,
      contentType: 'text/event-stream',
      outcome: 'client_aborted',
    } as const;
    expect(await usageOf(passing)).toMatchObject({ state: 'estimated', parts });
  });

  it('are in gzip the same events, as small as those of a server that compresses them one after the other', () => {
    const { beginning, event } = STREAMS.gzip;
    const events = Array.from({ length: 300 }, event);
    const text = gunzipSync(Buffer.concat([beginning, ...events]), {
      finishFlush: constants.Z_SYNC_FLUSH,
    }).toString();
    const times = /(sent_ns|untimed)=[\d#]+/g;
    const [one = ''] = STREAMS.identity.event().toString().split('\n\n');
    const expected = BEGINNING + `${one.replace(times, '')}\n\n`.repeat(301);
    expect(text.replaceAll(times, '') === expected).toBe(true);
    expect(events[0]?.length).toBeLessThan(80);
  });

  it('have events of the size that is measured', () => {
    expect(textEvent(160)).toHaveLength(160);
  });
});
