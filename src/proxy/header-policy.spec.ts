import { ANTHROPIC } from '../providers/anthropic';
import { Route } from '../providers/route';
import { Framing, requestHeaders, responseHeaders } from './header-policy';

const ROUTE = new Route(ANTHROPIC);
const withKey = (key: string) => ({ key, keySource: 'own' as const });

describe('requestHeaders', () => {
  const cases: [string, string[], Framing, string[]][] = [
    ['nothing', [], 'none', []],
    ['an empty POST', [], 'empty', ['content-length', '0']],
    ['a chunked body', ['Transfer-Encoding', 'chunked'], 'chunked', ['transfer-encoding', 'chunked']],
    ['a body of known length', ['Content-Length', '5'], 'chunked', ['Content-Length', '5']],
    [
      'a length that Connection names: ours replaces it',
      ['Connection', 'Content-Length', 'content-length', '5'],
      'chunked',
      ['transfer-encoding', 'chunked'],
    ],
    ['listed ones, as written', ['ACCEPT', 'a', 'accept', 'b'], 'none', ['ACCEPT', 'a', 'accept', 'b']],
    [
      'open families',
      ['Anthropic-X', '1', 'x-claude-code-y', '2'],
      'none',
      ['Anthropic-X', '1', 'x-claude-code-y', '2'],
    ],
    [
      'look-alikes',
      ['anthropic', '1', 'x-anthropic-z', '2', 'x-claude-code', '3', ' accept', '4'],
      'none',
      [],
    ],
    [
      'credentials, cookies and the path travelled',
      [
        'authorization',
        'a',
        'X-Api-Key',
        'b',
        'cookie',
        'c',
        'via',
        'd',
        'x-forwarded-for',
        'e',
        'forwarded',
        'f',
        'host',
        'g',
      ],
      'none',
      [],
    ],
    [
      'hop-by-hop ones and those named by several Connection lines',
      [
        'connection',
        'close, Accept',
        'Connection',
        ' anthropic-beta ,x-api-key',
        'accept',
        'a',
        'anthropic-beta',
        'b',
        'te',
        'x',
        'user-agent',
        'u',
      ],
      'none',
      ['user-agent', 'u'],
    ],
    ['a name without a value at the end', ['accept', 'a', 'accept'], 'none', ['accept', 'a']],
  ];

  it.each(cases)('%s', (_name, raw, framing, expected) => {
    expect(requestHeaders(ROUTE, raw, 'api.example', framing, withKey('sk-ant-k'))).toEqual([
      'host',
      'api.example',
      ...expected,
      'x-api-key',
      'sk-ant-k',
    ]);
  });
});

describe('responseHeaders', () => {
  it.each<[string, string[], string[]]>([
    ['listed ones pass', ['Content-Type', 'a', 'Request-Id', 'b'], ['Content-Type', 'a', 'Request-Id', 'b']],
    [
      'the family passes',
      ['anthropic-ratelimit-tokens-remaining', '1'],
      ['anthropic-ratelimit-tokens-remaining', '1'],
    ],
    [
      'others don’t',
      ['set-cookie', 'a', 'location', 'b', 'server', 'c', 'x-claude-code-a', 'd', 'date', 'e'],
      [],
    ],
    [
      'hop-by-hop ones don’t',
      ['transfer-encoding', 'chunked', 'keep-alive', 'x', 'trailer', 'y', 'upgrade', 'z'],
      [],
    ],
    ['those that Connection names don’t', ['Connection', 'retry-after', 'Retry-After', '1'], []],
  ])('%s', (_name, raw, expected) => {
    expect(responseHeaders(ROUTE, raw)).toEqual(expected);
  });
});

describe('the tables, name by name', () => {
  const pair = (name: string): string[] => [name, 'v'];

  it.each([
    ...['accept', 'accept-encoding', 'content-type', 'content-encoding', 'content-length', 'user-agent'],
    ...[
      'anthropic-version',
      'anthropic-beta',
      'anthropic-dangerous-direct-browser-access',
      'x-claude-code-z',
    ],
  ])('%s goes to the upstream', (name) => {
    expect(requestHeaders(ROUTE, pair(name), 'h', 'none', withKey('k'))).toEqual([
      'host',
      'h',
      ...pair(name),
      'x-api-key',
      'k',
    ]);
  });

  it.each([
    ...['content-type', 'content-encoding', 'content-length', 'content-disposition', 'cache-control'],
    ...['request-id', 'retry-after', 'retry-after-ms', 'x-should-retry', 'anthropic-ratelimit-x'],
  ])('%s comes back', (name) => {
    expect(responseHeaders(ROUTE, pair(name))).toEqual(pair(name));
  });

  it('a length is recognized in the place of a name only, and ours comes where it is missing', () => {
    expect(requestHeaders(ROUTE, ['accept', 'content-length'], 'h', 'empty', withKey('k'))).toEqual([
      ...['host', 'h', 'accept', 'content-length', 'content-length', '0', 'x-api-key', 'k'],
    ]);
  });

  it('what other headers name is nothing that Connection named', () => {
    expect(responseHeaders(ROUTE, ['content-type', 'request-id', 'request-id', 'r'])).toEqual([
      ...['content-type', 'request-id', 'request-id', 'r'],
    ]);
  });
});

describe('headers that name an account', () => {
  const { requestHeaders: passing } = ANTHROPIC;
  const route = new Route({
    ...ANTHROPIC,
    requestHeaders: { ...passing, withOwnKey: ['anthropic-account'] },
  });

  it.each([
    ['own', ['Anthropic-Account', 'a', 'anthropic-beta', 'b']],
    ['organization', ['anthropic-beta', 'b']],
  ] as const)('pass with the key of: %s', (keySource, expected) => {
    const raw = ['Anthropic-Account', 'a', 'anthropic-beta', 'b'];
    expect(requestHeaders(route, raw, 'h', 'none', { key: 'k', keySource })).toEqual([
      ...['host', 'h', ...expected, 'x-api-key', 'k'],
    ]);
  });
});
