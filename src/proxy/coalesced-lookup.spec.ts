import { LookupFunction } from 'node:net';
import { coalescedLookup } from './coalesced-lookup';

describe('coalescedLookup', () => {
  const asked: { hostname: string; answer: Parameters<LookupFunction>[2] }[] = [];
  let lookup: LookupFunction;

  beforeEach(() => {
    asked.length = 0;
    lookup = coalescedLookup((hostname, _options, answer) => asked.push({ hostname, answer }));
  });

  const ask = (hostname: string, options: Parameters<LookupFunction>[1] = { all: true }): unknown[][] => {
    const answers: unknown[][] = [];
    lookup(hostname, options, (...answer) => answers.push(answer));
    return answers;
  };

  it('asks once for all who ask for the same name meanwhile', () => {
    const everybody = Array.from({ length: 200 }, () => ask('api.example.com'));
    expect(asked).toHaveLength(1);
    asked[0]!.answer(null, '192.0.2.1', 4);
    expect(everybody).toEqual(everybody.map(() => [[null, '192.0.2.1', 4]]));
  });

  it('tells all of them of a failure', () => {
    const both = [ask('nowhere.example.com'), ask('nowhere.example.com')];
    const error = Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    asked[0]!.answer(error, '');
    expect(both).toEqual([[[error, '']], [[error, '']]]);
  });

  it('keeps nothing: who asks behind the answer asks again', () => {
    ask('api.example.com');
    asked[0]!.answer(null, '192.0.2.1', 4);
    ask('api.example.com');
    expect(asked).toHaveLength(2);
  });

  it('joins nobody who asks for another name, or otherwise', () => {
    ask('api.example.com');
    ask('other.example.com');
    ask('api.example.com', { all: true, family: 6 });
    expect(asked.map(({ hostname }) => hostname)).toEqual([
      'api.example.com',
      'other.example.com',
      'api.example.com',
    ]);
  });

  it('keeps no question that could not be asked', () => {
    let times = 0;
    const refusing = coalescedLookup(() => {
      times += 1;
      throw new TypeError('an option that is none');
    });
    for (const time of [1, 2]) {
      expect(() => refusing('api.example.com', {}, () => undefined)).toThrow('an option that is none');
      expect(times).toBe(time);
    }
  });

  it('looks a name up with the system’s resolver', async () => {
    const answer = await new Promise((resolve, reject) => {
      coalescedLookup()('localhost', { family: 4 }, (error, address) =>
        error === null ? resolve(address) : reject(error),
      );
    });
    expect(answer).toBe('127.0.0.1');
  });
});
