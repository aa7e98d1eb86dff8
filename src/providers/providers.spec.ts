import { CREDENTIAL_PREFIXES } from '../config/credential-shapes';
import { BUILT_IN_DIALECTS } from '../config/operator-provider';
import { HeaderTable } from './header-table';
import { PROVIDERS } from './providers';
import { Route } from './route';
import { Routes } from './routes';

const HOP_BY_HOP = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];
const NEVER = [
  ...HOP_BY_HOP,
  'host',
  'cookie',
  'set-cookie',
  'authorization',
  'location',
  'forwarded',
  'via',
];

describe.each(PROVIDERS)('the row of $name', (provider) => {
  const { id, prefix, origin, key, errors, clients, bodyLimits } = provider;
  const lists = [provider.requestHeaders, provider.responseHeaders];

  it('is frozen through and through', () => {
    for (const part of [
      provider,
      key,
      errors,
      clients,
      bodyLimits.byPath,
      ...lists.map(({ names }) => names),
    ])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it('has an id and a prefix that are its own', () => {
    expect(id).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(prefix).toBe(`/proxy/${id}`);
    expect(new URL(origin).href.replace(/\/$/, '')).toBe(origin);
    const others = PROVIDERS.filter((other) => other !== provider);
    expect(others.map((other) => other.id)).not.toContain(id);
  });

  it('stands in the list of ids that the configuration knows, with its dialect', () => {
    expect(BUILT_IN_DIALECTS.get(id)).toBe(provider.dialect);
    expect(BUILT_IN_DIALECTS.size).toBe(PROVIDERS.length);
  });

  it('has a key that is hidden wherever secrets are', () => {
    const hidden = CREDENTIAL_PREFIXES.map((shape) => shape.prefix);
    expect(hidden.some((shape) => key.prefix.startsWith(shape))).toBe(true);
    for (const other of key.otherKinds) expect(other.prefix).toContain(key.prefix);
  });

  it('lists headers in lower case, and none that carries a credential or is between two neighbours', () => {
    const names = lists.flatMap((list) => [...list.names, ...list.families]);
    expect(names.filter((name) => name !== name.toLowerCase())).toEqual([]);
    const { toProvider, toClient } = new Route(provider);
    const never = [...NEVER, key.header, ...provider.tokenHeaders];
    expect(never.filter((name) => toProvider.passes(name) || toClient.passes(name))).toEqual([]);
  });

  it('has variables that its own words name', () => {
    expect(clients.tokens.map(({ variable }) => variable)).toContain(clients.bearer);
  });
});

describe('a table of headers', () => {
  const table = new HeaderTable(
    { names: ['accept', 'cookie'], families: ['x-vendor-'] },
    new Set(['cookie', 'x-vendor-key']),
  );

  it.each([
    ['accept', true],
    ['x-vendor-anything', true],
    ['x-vendor-key', false], // a family must not leak the key
    ['cookie', false],
    ['x-vendor', false],
    ['accept-language', false],
  ])('%s passes: %s', (name, passes) => {
    expect(table.passes(name)).toBe(passes);
  });
});

describe('a table of two providers', () => {
  const [first] = PROVIDERS;
  const second = { ...first, id: 'openai', prefix: '/proxy/openai' };
  const longer = { ...second, id: 'openai-eu', prefix: '/proxy/openai-eu' };
  const routes = new Routes([first, second, longer]);

  it.each([
    [first.prefix, first.id],
    ['/proxy/openai/v1', 'openai'],
    ['/proxy/openai?x', 'openai'],
    ['/proxy/openai-eu/v1', 'openai-eu'],
    ['https://host/proxy/openai/v1', 'openai'],
    ['/proxy/openais', undefined],
    ['/v1/models', undefined],
  ])('finds the provider of %s', (target, id) => {
    expect(routes.below(target)?.provider.id).toBe(id);
  });

  it.each(['/v1/models', '/proxy', '/proxy/gemini'])('lets the first one answer for %s', (target) => {
    expect(routes.misplaced(target)?.provider.id).toBe(first.id);
  });
});

describe('the built-in table', () => {
  const routes = new Routes(PROVIDERS);

  it.each([
    ['sk-ant-api03-x', 'anthropic'],
    ['sk-or-v1-x', 'openrouter'],
    ['sk-proj-x', 'openai'],
    ['AIzaSyx', 'gemini'],
    ['tvp_x', undefined],
  ])('knows whose key %s looks like', (text, id) => {
    expect(routes.ownerOfKey(text)?.id).toBe(id);
  });

  it.each([
    ['/v1/messages', 'anthropic'],
    ['/v1/models', 'anthropic'],
    ['/v1/chat/completions', 'openai'],
    ['/v1/responses?x', 'openai'],
    ['/chat/completions', 'openai'],
    ['/proxy/v1/responses', 'openai'],
    ['/proxy/nobody/v1/chat/completions', 'openai'],
    ['/v1beta/models/m:generateContent', 'gemini'],
    ['/proxy/v1beta/models', 'gemini'],
    ['/upload/v1beta/files', 'gemini'],
    ['/v1/responsesx', 'anthropic'],
    ['/me/keys/', undefined],
  ])('has the right row answer a client that asks for %s', (target, id) => {
    expect([routes.below(target), routes.misplaced(target)?.provider.id]).toEqual([undefined, id]);
  });

  it.each([
    ['/proxy/nobody/v1/models', 'nobody'],
    ['/proxy/Openai', 'Openai'],
    ['/proxy/openai%2Fv1', 'openai%2Fv1'],
    ['/proxy/v1/messages', undefined],
    ['/proxy', undefined],
    ['/proxy/', undefined],
    ['/proxy/openai/v1', undefined],
    ['/v1/models', undefined],
  ])('finds an unknown id in %s: %s', (target, id) => {
    expect(routes.unknownId(target)).toBe(id);
  });
});
