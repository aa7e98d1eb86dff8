import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { ByteTap, Exchange } from './exchange';

/** Writes down the chunks of a response, and throws at one of them. */
class Recorder implements ByteTap {
  readonly chunks: string[] = [];
  readonly ends: string[] = [];

  constructor(private readonly throwsAt?: string) {}

  responseChunk(chunk: Buffer): void {
    if (chunk.toString() === this.throwsAt) throw new Error('a fault in what only watches');
    this.chunks.push(chunk.toString());
  }

  end(outcome: string): void {
    this.ends.push(outcome);
  }
}

/** An exchange whose request is being forwarded. */
function forwarded(taps: readonly ByteTap[]): { exchange: Exchange; failures: unknown[] } {
  const failures: unknown[] = [];
  const request = new IncomingMessage(new Socket());
  const exchange = new Exchange(request, new ServerResponse(request), 'proxy', {
    forward: () => taps,
    end: () => undefined,
    tapFailed: (error) => failures.push(error),
  });
  exchange.sendRequest();
  return { exchange, failures };
}

describe('the taps of a response', () => {
  it.each([0, 1, 2])('all get each chunk but the one that throws, which is number %i of three', (bad) => {
    const taps = [0, 1, 2].map((index) => new Recorder(index === bad ? 'b' : undefined));
    const requestOnly = { requestChunk: () => undefined, end: () => undefined };
    const { exchange, failures } = forwarded([requestOnly, ...taps]);
    for (const chunk of ['a', 'b', 'c']) exchange.responseChunk(Buffer.from(chunk));
    exchange.end();
    expect(taps.map(({ chunks }) => chunks.join(''))).toEqual(
      [0, 1, 2].map((index) => (index === bad ? 'a' : 'abc')),
    );
    expect(taps.map(({ ends }) => ends.length)).toEqual([0, 1, 2].map((index) => (index === bad ? 0 : 1)));
    expect([failures.length, exchange.responseBytes]).toEqual([1, 3]);
  });

  it('may all throw at the same chunk', () => {
    const taps = [0, 1, 2].map(() => new Recorder('a'));
    const { exchange, failures } = forwarded(taps);
    exchange.responseChunk(Buffer.from('a'));
    exchange.responseChunk(Buffer.from('b'));
    expect(failures).toHaveLength(3);
    expect(taps.map(({ chunks }) => chunks)).toEqual([[], [], []]);
  });
});
