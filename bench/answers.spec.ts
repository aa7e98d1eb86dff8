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

  it.each<StreamCoding>(['identity', 'gzip'])(
    'carry in %s a time that is found without decoding',
    async (coding) => {
      const { beginning, event } = STREAMS[coding];
      const chunks = [beginning, event(), event()];
      for (const chunk of chunks.slice(1)) expect(chunk.toString('latin1')).toMatch(/"sent_ns":"\d+"/);
      // Four characters of ` and then ` each are a token.
      const parts = [{ input: 12, cacheRead: 54_000, output: 4 }];
      const passing = {
        chunks,
        coding,
        contentType: 'text/event-stream',
        outcome: 'client_aborted',
      } as const;
      expect(await usageOf(passing)).toMatchObject({ state: 'estimated', parts });
    },
  );

  it('have events of the size that is measured', () => {
    expect(textEvent(160)).toHaveLength(160);
  });
});
