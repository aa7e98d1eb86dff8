import { IncomingMessage } from 'node:http';
import pino from 'pino';
import { ClientNetworks } from '../api/client-networks';
import { TooManyAttempts } from '../api/too-many-attempts';
import { AuthCache } from '../cache/auth-cache';
import { loadConfig } from '../config/env';
import { CachedAuthenticator, hasExpired, KnownToken } from './cached-authenticator';
import { hashToken } from './token';
import { UnknownTokenLimiter } from './unknown-token-limiter';
import { LastUsedTracker } from './last-used-tracker';

const OPTIONS = { maxEntries: { found: 10, absent: 10 }, ms: { found: 60_000, absent: 10_000 } };
const REQUEST = { headers: {}, socket: { remoteAddress: '127.0.0.1' } } as IncomingMessage;

describe('CachedAuthenticator', () => {
  /** The database: its rows by hash, and the queries it received. */
  let rows: Map<string, KnownToken>;
  let asked: string[];
  let tokens: CachedAuthenticator<KnownToken>;
  let uses: LastUsedTracker;
  let cache: AuthCache<KnownToken>;

  beforeEach(() => {
    const config = loadConfig({});
    rows = new Map();
    asked = [];
    cache = new AuthCache(() => ({ isUpToDate: true, catchUp: () => Promise.resolve(true) }), OPTIONS);
    const kind = {
      isToken: (text: string) => text.startsWith('t-'),
      load: (tokenHash: string) => {
        asked.push(tokenHash);
        return Promise.resolve(rows.get(tokenHash));
      },
    };
    const unknownTokens = new UnknownTokenLimiter(new ClientNetworks(config), config);
    uses = new LastUsedTracker(pino({ level: 'silent' }), 'a token');
    tokens = new CachedAuthenticator(kind, cache, unknownTokens, uses);
  });

  function store(token: string, userId = 'ann'): KnownToken {
    const known = { userId, id: `id of ${token}`, expiresAt: null, lastUsedAt: null };
    rows.set(hashToken(token), known);
    return known;
  }

  const asks = async (token: string): Promise<unknown> => tokens.findCached(token, REQUEST);

  it('asks for the hash of a token, and for nothing else', async () => {
    const known = store('t-1');
    expect(await asks('t-1')).toBe(known);
    expect(await asks('another credential')).toBeUndefined();
    expect(await tokens.find('another credential', REQUEST)).toBeUndefined();
    expect(asked).toEqual([hashToken('t-1')]);
  });

  it('asks once for many, and no more while nothing of the person’s changes', async () => {
    const known = store('t-1');
    const all = await Promise.all(Array.from({ length: 50 }, () => asks('t-1')));
    expect([...all, await asks('t-1')].every((found) => found === known)).toBe(true);
    expect(asked).toHaveLength(1);
    rows.clear();
    cache.invalidate('ann');
    expect(await asks('t-1')).toBeUndefined();
  });

  it('asks each time where nothing may come from memory', async () => {
    store('t-1');
    for (const count of [1, 2, 3]) {
      await tokens.find('t-1', REQUEST);
      expect(asked).toHaveLength(count);
    }
  });

  it('asks no more for unknown tokens of a network that guesses, but still for one that was good', async () => {
    const known = store('t-good');
    await asks('t-good');
    const guess = async (): Promise<void> => {
      for (let n = 0; n < 1_000; n += 1) await asks(`t-guess ${n}`);
    };
    await expect(guess()).rejects.toThrow(TooManyAttempts);
    expect(asked.length).toBeLessThan(100);
    await expect(tokens.find('t-guess again', REQUEST)).rejects.toThrow(TooManyAttempts);
    cache.invalidateAll();
    expect(await asks('t-good')).toBe(known);
  });

  it('notes a use once a minute', async () => {
    const [known, written] = [store('t-1'), [] as Date[]];
    const note = (): boolean => tokens.noteUse(known, (now) => Promise.resolve(written.push(now)));
    expect([note(), note()]).toEqual([true, false]);
    const first = known.lastUsedAt;
    known.lastUsedAt = new Date(Date.now() - 60_000);
    expect(note()).toBe(true);
    await uses.settled();
    expect(written).toEqual([first, known.lastUsedAt]);
  });
});

describe('hasExpired', () => {
  it.each<[string, Date | null, boolean]>([
    ['never', null, false],
    ['in a moment', new Date(Date.now() + 60_000), false],
    ['a millisecond ago', new Date(Date.now() - 1), true],
  ])('%s: %j', (_, expiresAt, expected) => {
    expect(hasExpired(expiresAt)).toBe(expected);
  });
});
