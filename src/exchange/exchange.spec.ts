import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { ByteTap, Exchange } from './exchange';

/** Writes down what it gets of a response, and throws at bytes with this text in them. */
class Recorder implements ByteTap {
  readonly chunks: string[] = [];
  readonly ends: string[] = [];

  constructor(private readonly throwsAt?: string) {}

  responseChunk(chunk: Buffer): void {
    const text = chunk.toString();
    if (this.throwsAt !== undefined && text.includes(this.throwsAt))
      throw new Error('a fault in what only watches');
    this.chunks.push(text);
  }

  end(outcome: string): void {
    this.ends.push(outcome);
  }
}

/** An exchange whose request is not forwarded yet. */
function begun(taps: readonly ByteTap[]): { exchange: Exchange; failures: unknown[] } {
  const failures: unknown[] = [];
  const request = new IncomingMessage(new Socket());
  const exchange = new Exchange(request, new ServerResponse(request), 'proxy', {
    forward: () => taps,
    end: () => undefined,
    tapFailed: (error) => failures.push(error),
  });
  return { exchange, failures };
}

/** An exchange whose request is being forwarded. */
function forwarded(taps: readonly ByteTap[]): ReturnType<typeof begun> {
  const one = begun(taps);
  one.exchange.sendRequest();
  return one;
}

/** A chunk that does not wait for others. */
function large(text: string): Buffer {
  return Buffer.alloc(4096, text);
}

describe('the taps of a response', () => {
  it.each([0, 1, 2])('all get each chunk but the one that throws, which is number %i of three', (bad) => {
    const taps = [0, 1, 2].map((index) => new Recorder(index === bad ? 'b' : undefined));
    const requestOnly = { requestChunk: () => undefined, end: () => undefined };
    const { exchange, failures } = forwarded([requestOnly, ...taps]);
    for (const chunk of ['a', 'b', 'c']) exchange.responseChunk(large(chunk));
    exchange.end();
    expect(taps.map(({ chunks }) => chunks.map(([first]) => first).join(''))).toEqual(
      [0, 1, 2].map((index) => (index === bad ? 'a' : 'abc')),
    );
    expect(taps.map(({ ends }) => ends.length)).toEqual([0, 1, 2].map((index) => (index === bad ? 0 : 1)));
    expect([failures.length, exchange.responseBytes]).toEqual([1, 3 * 4096]);
  });

  it('may all throw at the same chunk', () => {
    const taps = [0, 1, 2].map(() => new Recorder('a'));
    const { exchange, failures } = forwarded(taps);
    exchange.responseChunk(large('a'));
    exchange.responseChunk(large('b'));
    expect(failures).toHaveLength(3);
    expect(taps.map(({ chunks }) => chunks)).toEqual([[], [], []]);
  });

  it('get their own bytes whenever those of all are given out, also if one of them throws then', () => {
    const streams = Array.from({ length: 50 }, (_, index) => {
      const [first, other] = [new Recorder(index % 7 === 3 ? 'x' : undefined), new Recorder()];
      return { index, first, other, said: '', ...forwarded([first, other]) };
    });
    for (let event = 0; event < 500; event++) {
      for (const stream of streams) {
        const letter = String.fromCharCode(0x100 + stream.index);
        const text = letter.repeat((event + stream.index) % 90) + (event === 450 ? 'x' : '');
        stream.exchange.responseChunk(Buffer.from(text));
        stream.said += text;
      }
    }
    for (const { exchange } of streams.toReversed()) exchange.end();
    for (const { index, first, other, said, failures } of streams) {
      expect(other.chunks.join('') === said).toBe(true);
      expect(other.chunks.length).toBeGreaterThan(3);
      const isDropped = index % 7 === 3;
      const part = first.chunks.join('');
      expect([failures.length, first.ends.length]).toEqual(isDropped ? [1, 0] : [0, 1]);
      expect([said.startsWith(part), part.length < said.length]).toEqual([true, isDropped]);
    }
  });

  it('are not there when the client has left before the request is forwarded: nothing would end them', () => {
    const tap = new Recorder();
    const { exchange } = begun([tap]);
    exchange.end();
    exchange.sendRequest();
    exchange.responseChunk(large('a'));
    expect([exchange.forwardedAt, tap.chunks]).toEqual([undefined, []]);
  });

  it('get small chunks joined, all of them before the end, and none behind it', () => {
    const taps = [new Recorder(), new Recorder()];
    const { exchange } = forwarded(taps);
    for (const chunk of ['a', 'b', 'c']) exchange.responseChunk(Buffer.from(chunk));
    expect(taps.map(({ chunks }) => chunks)).toEqual([[], []]);
    exchange.end();
    exchange.responseChunk(Buffer.from('d'));
    exchange.responseChunk(large('e'));
    expect(taps.map(({ chunks, ends }) => [chunks, ends.length])).toEqual([
      [['abc'], 1],
      [['abc'], 1],
    ]);
  });
});
