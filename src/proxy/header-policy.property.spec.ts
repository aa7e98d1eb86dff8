import fc from 'fast-check';
import { KeySource } from '../exchange/facts';
import { ANTHROPIC } from '../providers/anthropic';
import { DIALECTS } from '../providers/dialects';
import { GEMINI } from '../providers/gemini';
import { OPENAI } from '../providers/openai';
import { OPENROUTER } from '../providers/openrouter';
import { Provider } from '../providers/provider';
import { Route } from '../providers/route';
import { Framing, requestHeaders, responseHeaders } from './header-policy';

/** The headers of a provider, written by hand rather than derived from its row. */
interface Case {
  readonly provider: Provider;
  readonly key: readonly [name: string, value: string];
  readonly sent: { readonly names: readonly string[]; readonly families: readonly string[] };
  /** Those of them that pass with the caller's own key alone. */
  readonly ownKeyOnly: readonly string[];
  readonly returned: { readonly names: readonly string[]; readonly families: readonly string[] };
  /** Headers of this provider's clients and answers that never pass. */
  readonly never: readonly string[];
}

const KEY = 'the-stored-key';
const SENT = [
  ...['accept', 'accept-encoding', 'content-type', 'content-encoding', 'content-length', 'user-agent'],
];
const RETURNED = [
  ...['content-type', 'content-encoding', 'content-length', 'content-disposition', 'cache-control'],
  ...['retry-after', 'retry-after-ms', 'x-should-retry'],
];

const ANTHROPIC_HEADERS = {
  sent: { names: SENT, families: ['anthropic-', 'x-claude-code-'] },
  ownKeyOnly: [],
  returned: { names: [...RETURNED, 'request-id'], families: ['anthropic-'] },
  never: ['x-api-key', 'x-stainless-os', 'http-referer', 'x-title', 'openai-organization'],
};
const OPENAI_HEADERS = {
  sent: {
    names: [
      ...SENT,
      ...['session-id', 'session_id', 'thread-id', 'conversation_id', 'originator', 'version'],
      ...['x-client-request-id', 'idempotency-key'],
    ],
    families: ['openai-', 'x-openai-', 'x-codex-'],
  },
  ownKeyOnly: ['openai-organization', 'openai-project'],
  returned: {
    names: [...RETURNED, 'x-request-id', 'x-models-etag', 'x-reasoning-included'],
    families: ['openai-', 'x-ratelimit-', 'x-codex-'],
  },
  never: ['chatgpt-account-id', 'x-api-key', 'api-key', 'http-referer', 'x-title', 'cf-ray'],
};
const GEMINI_HEADERS = {
  sent: { names: [...SENT, 'x-server-timeout'], families: ['x-goog-'] },
  ownKeyOnly: ['x-goog-user-project'],
  returned: { names: [...RETURNED, 'x-request-id', 'server-timing'], families: ['x-goog-', 'x-gemini-'] },
  never: ['x-goog-api-key', 'api-key', 'x-api-key', 'alt-svc', 'openai-project'],
};

/** A row of the operator's own, whose key goes out in `api-key`. */
const own = (dialect: Provider['dialect']): Provider =>
  DIALECTS[dialect]({
    id: `own-${dialect}`,
    name: `own ${dialect}`,
    origin: 'https://own.invalid',
    key: { called: 'a key', prefix: '', otherKinds: [], header: 'api-key' },
  });

const CASES: readonly Case[] = [
  { provider: ANTHROPIC, key: ['x-api-key', KEY], ...ANTHROPIC_HEADERS },
  { provider: OPENAI, key: ['authorization', `Bearer ${KEY}`], ...OPENAI_HEADERS },
  { provider: GEMINI, key: ['x-goog-api-key', KEY], ...GEMINI_HEADERS },
  {
    provider: OPENROUTER,
    key: ['authorization', `Bearer ${KEY}`],
    sent: {
      names: [...OPENAI_HEADERS.sent.names, 'http-referer', 'x-title'],
      families: [...OPENAI_HEADERS.sent.families, 'x-openrouter-', 'anthropic-'],
    },
    ownKeyOnly: OPENAI_HEADERS.ownKeyOnly,
    returned: {
      names: OPENAI_HEADERS.returned.names,
      families: [...OPENAI_HEADERS.returned.families, 'x-openrouter-'],
    },
    never: ['chatgpt-account-id', 'x-api-key', 'referer'],
  },
  { provider: own('anthropic'), key: ['api-key', KEY], ...ANTHROPIC_HEADERS },
  { provider: own('openai'), key: ['api-key', KEY], ...OPENAI_HEADERS },
  { provider: own('gemini'), key: ['api-key', KEY], ...GEMINI_HEADERS },
];

const NEVER = [
  'cookie',
  'authorization',
  'host',
  'via',
  'forwarded',
  'x-forwarded-for',
  'proxy-authorization',
  'te',
  'upgrade',
  'set-cookie',
  'location',
  'keep-alive',
  'transfer-encoding',
];

const spelled = (name: string) =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) =>
      [...name].map((letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join(''),
    );
const namesOf = ({ provider, sent, returned, never, ownKeyOnly }: Case) => {
  const families = [...new Set([...sent.families, ...returned.families])];
  const known = [
    ...sent.names,
    ...returned.names,
    ...never,
    ...ownKeyOnly,
    ...NEVER,
    ...provider.tokenHeaders,
  ];
  return fc.oneof(
    fc.constantFrom(...known).chain(spelled),
    fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/),
    fc
      .tuple(fc.constantFrom(...families).chain(spelled), fc.stringMatching(/^[a-z-]{0,10}$/))
      .map((parts) => parts.join('')),
  );
};
const headersOf = (one: Case) => {
  const name = namesOf(one);
  const connection = fc.tuple(
    spelled('connection'),
    fc.array(name).map((names) => names.join(' , ')),
  );
  const pair = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(name, fc.string()) },
    { weight: 1, arbitrary: connection },
  );
  return fc.array(pair, { maxLength: 20 }).map((pairs) => pairs.flat());
};
const framing = fc.constantFrom('chunked' as const, 'empty' as const, 'none' as const);

const pairsOf = (headers: string[]): [string, string][] =>
  headers.flatMap((text, index) =>
    index % 2 === 0 ? [[text, headers[index + 1]!] as [string, string]] : [],
  );
const named = (headers: string[]): Set<string> =>
  new Set(
    pairsOf(headers)
      .filter(([key]) => key.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.split(',').map((token) => token.trim().toLowerCase())),
  );

/** Whether a header is in a list, by its name or by its family. */
const isIn = ({ names, families }: Case['sent'], name: string): boolean =>
  names.includes(name) || families.some((family) => name.startsWith(family));

const TITLED = CASES.flatMap((one) =>
  (['own', 'organization'] as const).map((keySource) => ({ ...one, id: one.provider.id, keySource })),
);

describe.each(TITLED)('the headers of $id with a key of: $keySource, whatever they are', (one) => {
  const { key, sent, returned, never, ownKeyOnly } = one;
  const keySource: KeySource = one.keySource;
  const route = new Route(one.provider);
  const raw = headersOf(one);
  const withheld = [...NEVER, ...never, ...(keySource === 'own' ? [] : ownKeyOnly)];
  const toProvider = (headers: string[], how: Framing) =>
    requestHeaders(route, headers, 'api.example', how, { key: KEY, keySource });

  it('let nothing through that is off the table, and nothing that Connection names', () => {
    fc.assert(
      fc.property(raw, framing, (headers, how) => {
        const [host, ...rest] = pairsOf(toProvider(headers, how));
        expect([host, rest.pop()]).toEqual([['host', 'api.example'], key]);
        for (const [header] of rest) {
          const lower = header.toLowerCase();
          const isFraming = header === 'transfer-encoding' || header === 'content-length';
          const passes = isIn(sent, lower) && !withheld.includes(lower);
          expect([header, isFraming || passes]).toEqual([header, true]);
          if (!isFraming) expect([header, named(headers).has(lower)]).toEqual([header, false]);
        }
        for (const [header] of pairsOf(responseHeaders(route, headers))) {
          const lower = header.toLowerCase();
          const passes = isIn(returned, lower) && ![...NEVER, ...never].includes(lower);
          expect([header, passes]).toEqual([header, true]);
          expect(named(headers).has(lower)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('let everything through that is on the table', () => {
    for (const name of [...sent.names, ...sent.families.map((family) => `${family}new`), ...ownKeyOnly]) {
      const passed = pairsOf(toProvider([name, 'v'], 'none')).some(([header]) => header === name);
      expect([name, passed]).toEqual([name, !withheld.includes(name)]);
    }
    for (const name of [...returned.names, ...returned.families.map((family) => `${family}new`)])
      expect(responseHeaders(route, [name, 'v'])).toEqual([name, 'v']);
    for (const name of withheld.filter((name) => name !== 'host' && name !== key[0]))
      expect(toProvider([name, 'v'], 'none')).toEqual(['host', 'api.example', ...key]);
  });

  it('keep what passes in order and to the letter', () => {
    fc.assert(
      fc.property(raw, (headers) => {
        const passed = pairsOf(responseHeaders(route, headers));
        let from = 0;
        const all = pairsOf(headers);
        for (const pair of passed) {
          const at = all.findIndex(
            (candidate, index) => index >= from && candidate[0] === pair[0] && candidate[1] === pair[1],
          );
          expect(at).toBeGreaterThanOrEqual(from);
          from = at + 1;
        }
      }),
    );
  });

  it('are idempotent: what was let through passes again unchanged', () => {
    fc.assert(
      fc.property(raw, framing, (headers, how) => {
        const once = toProvider(headers, how);
        expect(toProvider(once, how)).toEqual(once);
        const back = responseHeaders(route, headers);
        expect(responseHeaders(route, back)).toEqual(back);
      }),
    );
  });

  it('frame a body in exactly one way', () => {
    fc.assert(
      fc.property(raw, framing, (headers, how) => {
        const names = pairsOf(toProvider(headers, how)).map(([header]) => header.toLowerCase());
        const both = names.includes('content-length') && names.includes('transfer-encoding');
        expect(both).toBe(false);
        if (how === 'chunked')
          expect(names.includes('content-length') || names.includes('transfer-encoding')).toBe(true);
      }),
    );
  });
});
