import { ANTHROPIC } from './anthropic';
import { Routes } from './routes';

const ROUTES = new Routes([ANTHROPIC]);

describe('a target below a prefix', () => {
  it.each([
    ['/proxy/anthropic', true],
    ['/proxy/anthropic/', true],
    ['/proxy/anthropic/v1/messages?beta=true', true],
    ['/proxy/anthropic?x', true],
    ['/proxy/anthropic//host/x', true],
    ['http://host/proxy/anthropic/v1', true],
    ['HTTPS://host:1/proxy/anthropic', true],
    ['http://host/proxy/anthropic?x', true],
    ['/proxy/anthropics', false],
    ['/proxy/anthropic%2Fv1', false],
    ['/PROXY/anthropic/', false],
    ['/x/proxy/anthropic/', false],
    ['/x?http://host/proxy/anthropic/', false],
    ['xhttp://host/proxy/anthropic/', false],
    ['http://host/x/proxy/anthropic/', false],
    ['http://host?/proxy/anthropic/', false],
    ['http://host/proxy/anthropics', false],
    ['ftp://host/proxy/anthropic/', false],
    ['/proxy/anthropic/v1', true],
    ['http://evil.example/proxy/anthropic/v1', true],
    ['https://evil.example/proxy/anthropic', true],
    ['/proxy/anthropicx', false],
    ['/Proxy/anthropic', false],
    ['http://evil.example/?/proxy/anthropic', false],
    ['/api/v1', false],
  ])('%s: %s', (target, expected) => {
    expect(ROUTES.below(target)?.provider).toBe(expected ? ANTHROPIC : undefined);
  });
});

describe('a target of a client whose base URL is wrong', () => {
  it.each([
    ['/v1/messages', true],
    ['/v1', true],
    ['/v1?beta=true', true],
    ['/proxy', true],
    ['/proxy/', true],
    ['/proxy/v1/messages', true],
    ['/proxy/anthropics/v1', true],
    ['/proxy/anthropic/v1/v1/messages?beta=true', true],
    ['/proxy/anthropic/v1/v1', true],
    ['/proxy/anthropic', false],
    ['/proxy/anthropic/', false],
    ['/proxy/anthropic?x', false],
    ['/proxy/anthropic/v1/messages', false],
    ['/proxy/anthropic/v1/v1x', false],
    ['/proxy/anthropic/v1/x/v1/v1/', false],
    ['/proxies', false],
    ['/v1x', false],
    ['/me/keys/', false],
    ['/api/v1/server', false],
    ['/', false],
  ])('%s: %s', (target, expected) => {
    const below = ROUTES.below(target);
    const isWrong =
      below === undefined ? ROUTES.misplaced(target) !== undefined : below.isWrongBehindPrefix(target);
    expect(isWrong).toBe(expected);
  });
});
