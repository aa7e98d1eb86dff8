import { upstreamPath } from './path-guard';

const PREFIX = '/proxy/anthropic';

describe('upstreamPath', () => {
  it.each([
    ['/proxy/anthropic', '/'],
    ['/proxy/anthropic/', '/'],
    ['/proxy/anthropic?a=1', '/?a=1'],
    ['/proxy/anthropic/v1/messages?beta=true', '/v1/messages?beta=true'],
    ['/proxy/anthropic//evil.example/x', '//evil.example/x'],
    ['/proxy/anthropic/v1?', '/v1?'],
    ['/proxy/anthropic/v1?next=/../x', '/v1?next=/../x'],
    ['/proxy/anthropic/v1/%252e%252e', '/v1/%252e%252e'],
    ['/proxy/anthropic/a..b/.../..c', '/a..b/.../..c'],
    ['/proxy/anthropic/a;v=../b;/...;x/.;', '/a;v=../b;/...;x/.;'],
  ])('%s asks for %s', (target, path) => {
    expect(upstreamPath(target, PREFIX)).toBe(path);
  });

  it.each([
    '/proxy/anthropic/..',
    '/proxy/anthropic/a/../b',
    '/proxy/anthropic/%2e.',
    '/proxy/anthropic/a%2F%2E%2e%2Fb',
    '/proxy/anthropic/a\\..\\b',
    '/proxy/anthropic/a%5C..',
    '/proxy/anthropic/a/..;/b',
    '/proxy/anthropic/..;v=1',
    '/proxy/anthropic/a/%2e%2e%3Bx/b',
    '/proxy/anthropic/a%2f.%2e;%2fb',
    'http://evil.example/proxy/anthropic/v1',
    '//evil.example/proxy/anthropic',
    '',
  ])('%s is refused', (target) => {
    expect(() => upstreamPath(target, PREFIX)).toThrow(expect.objectContaining({ code: 'bad_path' }));
  });
});
