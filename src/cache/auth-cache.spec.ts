import { AuthCache, Owned } from './auth-cache';

const OPTIONS = { maxEntries: { found: 3, absent: 2 }, ms: { found: 60_000, absent: 10_000 } };

interface Row extends Owned {
  readonly value: string;
}

describe('AuthCache', () => {
  let hasFeed: boolean;
  /** Whether the feed can become up to date. */
  let canCatchUp: boolean;
  let cache: AuthCache<Row>;
  /** The database: its rows, the queries it received, and whether it responds. */
  let rows: Map<string, Row>;
  let asked: string[];
  let answering: Promise<void>;

  beforeEach(() => {
    [hasFeed, canCatchUp] = [true, false];
    cache = new AuthCache<Row>(feed, OPTIONS);
    rows = new Map([
      ['a', { userId: 'ann', value: '1' }],
      ['a2', { userId: 'ann', value: '2' }],
      ['b', { userId: 'bob', value: '3' }],
    ]);
    asked = [];
    answering = Promise.resolve();
  });

  const feed = () => ({ isUpToDate: hasFeed, catchUp: () => Promise.resolve(canCatchUp) });

  /** Reads at once and responds later, as a database does. */
  const get = (key: string): Promise<Row | undefined> =>
    cache.get(key, async () => {
      asked.push(key);
      const row = rows.get(key);
      await answering;
      return row;
    });

  it('asks once', async () => {
    expect([await get('a'), await get('a'), await get('a')]).toEqual(Array(3).fill(rows.get('a')));
    expect(asked).toEqual(['a']);
    expect(cache.counts).toEqual({ hit: 2, miss: 1, bypass: 0 });
  });

  it('asks once for what is not there', async () => {
    expect([await get('x'), await get('x')]).toEqual([undefined, undefined]);
    expect(asked).toEqual(['x']);
  });

  it('lets a stampede ask once', async () => {
    const all = await Promise.all(Array.from({ length: 100 }, () => get('a')));
    expect(new Set(all).size).toBe(1);
    expect(asked).toEqual(['a']);
  });

  it('joins nobody to a lookup that has waited for long: its connection may be dead', async () => {
    jest.useFakeTimers({ now: 0 });
    answering = new Promise(() => undefined);
    void get('a');
    jest.advanceTimersByTime(900);
    void get('a');
    expect(asked).toEqual(['a']);
    jest.advanceTimersByTime(200);
    answering = Promise.resolve();
    expect(await get('a')).toBe(rows.get('a'));
    expect(await get('a')).toBe(rows.get('a'));
    expect(asked).toEqual(['a', 'a']);
    jest.useRealTimers();
  });

  it('forgets the right ones of many, also after some were pushed out, asked for again, or all forgotten', async () => {
    const many = new AuthCache<Row>(feed, { ...OPTIONS, maxEntries: { found: 100, absent: 1 } });
    const fill = async (from: number) => {
      for (let id = from; id < from + 100; id++)
        await many.get(`key ${id}`, () => Promise.resolve({ userId: `person ${id % 50}`, value: '' }));
    };
    await fill(0);
    await fill(50); // the first fifty are evicted
    many.invalidate('person 7');
    expect(many.size).toBe(98);
    many.invalidate('person 7');
    many.invalidate('nobody');
    expect(many.size).toBe(98);
    many.invalidateAll();
    await fill(0);
    for (let person = 0; person < 50; person++) many.invalidate(`person ${person}`);
    expect(many.size).toBe(0);
  });

  it('keeps the latest used, and no more than it may', async () => {
    for (const key of ['a', 'a2', 'b', 'a']) await get(key);
    rows.set('c', { userId: 'cem', value: '4' });
    await get('c');
    expect(cache.size).toBe(3);
    asked = [];
    for (const key of ['a', 'b', 'c', 'a2']) await get(key);
    expect(asked).toEqual(['a2']);
  });

  it('lets nothing that is not there push out what is', async () => {
    for (const key of ['a', 'a2', 'b']) await get(key);
    for (let guess = 0; guess < 100; guess++) await get(`guess ${guess}`);
    expect(cache.size).toBe(5);
    asked = [];
    for (const key of ['a', 'a2', 'b']) await get(key);
    expect(asked).toEqual([]);
  });

  it('forgets what is a person’s, and what was not there', async () => {
    for (const key of ['a', 'a2', 'b', 'x']) await get(key);
    asked = [];
    cache.invalidate('ann');
    for (const key of ['a', 'a2', 'b', 'x']) await get(key);
    expect(asked).toEqual(['a', 'a2', 'x']);
    cache.invalidateAll();
    await get('b');
    expect(asked.at(-1)).toBe('b');
  });

  it('keeps nothing of a lookup during which something changed', async () => {
    let answer = (): void => undefined;
    answering = new Promise((resolve) => (answer = resolve));
    const before = get('a');
    rows.delete('a');
    cache.invalidate('ann');
    const after = get('a'); // does not join the lookup that has read the old row
    answer();
    expect(await before).toMatchObject({ value: '1' });
    expect(await after).toBeUndefined();
    expect(await get('a')).toBeUndefined();
    expect(asked).toEqual(['a', 'a']);
  });

  it('keeps nothing of a lookup that failed, and lets the next one try', async () => {
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await get('a')).toMatchObject({ value: '1' });
  });

  it('asks each time while changes elsewhere are not heard of', async () => {
    await get('a');
    hasFeed = false;
    rows.set('a', { userId: 'ann', value: 'new' });
    const asking = await Promise.all([get('a'), get('a')]);
    expect(asking.map((row) => row?.value)).toEqual(['new', 'new']);
    expect(asked).toEqual(['a', 'a', 'a']);
    expect(cache.counts).toEqual({ hit: 0, miss: 1, bypass: 2 });
  });

  it('answers from memory when it can make sure that nothing has changed', async () => {
    await get('a');
    [hasFeed, canCatchUp] = [false, true];
    expect(await get('a')).toMatchObject({ value: '1' });
    expect(asked).toEqual(['a']);
    expect(cache.counts).toEqual({ hit: 1, miss: 1, bypass: 0 });
  });

  it('keeps what it found for a while only', async () => {
    cache = new AuthCache<Row>(feed, { ...OPTIONS, ms: { found: 20, absent: 20 } });
    for (const key of ['a', 'x']) await get(key);
    await new Promise((resolve) => setTimeout(resolve, 40));
    for (const key of ['a', 'x']) await get(key);
    expect(asked).toEqual(['a', 'x', 'a', 'x']);
  });
});
