import fc from 'fast-check';
import { ANTHROPIC } from '../providers/anthropic';
import { Route } from '../providers/route';
import { requestHeaders, responseHeaders } from './header-policy';

const ROUTE = new Route(ANTHROPIC);

const LISTED = [
  'accept',
  'accept-encoding',
  'content-type',
  'content-encoding',
  'content-length',
  'user-agent',
];
const RETURNED = [
  'content-type',
  'content-encoding',
  'content-length',
  'content-disposition',
  'cache-control',
  'request-id',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
];
const NEVER = [
  'cookie',
  'authorization',
  'x-api-key',
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
const name = fc.oneof(
  fc
    .constantFrom(...LISTED, ...RETURNED, ...NEVER, 'anthropic-beta', 'x-claude-code-session-id')
    .chain(spelled),
  fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/),
  fc.stringMatching(/^[a-z-]{0,10}$/).map((rest) => `anthropic-${rest}`),
);
const pair = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(name, fc.string()) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      spelled('connection').chain((text) => fc.constant(text)),
      fc.array(name).map((names) => names.join(' , ')),
    ),
  },
);
const raw = fc.array(pair, { maxLength: 20 }).map((pairs) => pairs.flat());
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

describe('the header policy, whatever the headers', () => {
  it('lets nothing through that is off its table, and nothing that Connection names', () => {
    fc.assert(
      fc.property(raw, framing, (headers, how) => {
        const ours = pairsOf(requestHeaders(ROUTE, headers, 'api.example', how, 'sk-ant-k'));
        const [host, ...rest] = ours;
        const key = rest.pop();
        expect(host).toEqual(['host', 'api.example']);
        expect(key).toEqual(['x-api-key', 'sk-ant-k']);
        for (const [header] of rest) {
          const lower = header.toLowerCase();
          const isFraming = header === 'transfer-encoding' || header === 'content-length';
          const isListed =
            LISTED.includes(lower) || lower.startsWith('anthropic-') || lower.startsWith('x-claude-code-');
          expect([header, isFraming || isListed]).toEqual([header, true]);
          if (!isFraming) expect([header, named(headers).has(lower)]).toEqual([header, false]);
        }
        for (const [header] of pairsOf(responseHeaders(ROUTE, headers))) {
          const lower = header.toLowerCase();
          expect(RETURNED.includes(lower) || lower.startsWith('anthropic-')).toBe(true);
          expect(named(headers).has(lower)).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps what passes in order and to the letter', () => {
    fc.assert(
      fc.property(raw, (headers) => {
        const passed = pairsOf(responseHeaders(ROUTE, headers));
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

  it('is idempotent: what it let through passes again unchanged', () => {
    fc.assert(
      fc.property(raw, framing, (headers, how) => {
        const once = requestHeaders(ROUTE, headers, 'h', how, 'k');
        expect(requestHeaders(ROUTE, once, 'h', how, 'k')).toEqual(once);
        const back = responseHeaders(ROUTE, headers);
        expect(responseHeaders(ROUTE, back)).toEqual(back);
      }),
    );
  });

  it('frames a body in exactly one way', () => {
    fc.assert(
      fc.property(raw, framing, (headers, how) => {
        const names = pairsOf(requestHeaders(ROUTE, headers, 'h', how, 'k')).map(([header]) =>
          header.toLowerCase(),
        );
        const both = names.includes('content-length') && names.includes('transfer-encoding');
        expect(both).toBe(false);
        if (how === 'chunked')
          expect(names.includes('content-length') || names.includes('transfer-encoding')).toBe(true);
      }),
    );
  });
});
