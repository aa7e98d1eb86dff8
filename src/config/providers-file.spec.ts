import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsIn } from '../../test/support/config-problems';
import { loadConfig } from './env';

describe('the file of TRACEVAULT_PROVIDERS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'providers-'));
  const path = join(folder, 'providers.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  const load = (content: unknown, env: NodeJS.ProcessEnv = {}) => {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return loadConfig({ TRACEVAULT_PROVIDERS: path, ...env });
  };
  const problemsOf = (content: unknown) => problemsIn(() => load(content));
  const own = { id: 'own', dialect: 'openai', base_url: 'http://localhost:11434' };

  it('adds providers, and changes built-in ones', () => {
    const { providers, upstream } = load([
      { ...own, base_url: 'https://x.openai.azure.com/openai/', credential: 'api-key', label: 'Azure' },
      { id: 'openai', base_url: 'https://gateway.example/openai/', label: 'OpenAI (gateway)' },
      { id: 'gemini', enabled: false },
    ]);
    expect(providers).toEqual([
      {
        ...{ id: 'own', dialect: 'openai', baseUrl: 'https://x.openai.azure.com/openai' },
        ...{ credential: 'api-key', label: 'Azure', enabled: true },
      },
      expect.objectContaining({ id: 'openai', baseUrl: 'https://gateway.example/openai', enabled: true }),
      expect.objectContaining({ id: 'gemini', baseUrl: undefined, enabled: false }),
    ]);
    expect(upstream.baseUrls).toEqual({ openai: 'https://gateway.example/openai' });
  });

  it('does not override TRACEVAULT_ANTHROPIC_UPSTREAM', () => {
    const env = { TRACEVAULT_ANTHROPIC_UPSTREAM: 'https://variable.example' };
    const { upstream } = load([{ id: 'anthropic', base_url: 'https://file.example' }], env);
    expect(upstream.baseUrls).toEqual({ anthropic: 'https://variable.example' });
  });

  it.each<[unknown, RegExp]>([
    ['[', /not valid JSON/],
    [{}, /must be a JSON list/],
    [[1], /entry 1 must be an object/],
    [[{ ...own, url: 'x' }], /entry "own" has fields that do not exist; the known ones are id, dialect/],
    [[{ ...own, id: 'Own' }], /entry "Own" needs an id/],
    [[{ ...own, id: 'v1' }], /needs an id/],
    [[{ ...own, id: '../x' }], /entry 1 needs an id/],
    [[own, own], /the id "own" occurs more than once/],
    [[{ ...own, dialect: 'cohere' }], /needs a dialect, one of anthropic, openai, gemini/],
    [[{ ...own, base_url: undefined }], /needs a base_url$/],
    [[{ ...own, base_url: 'https://u:secret@x' }], /without user name, query, fragment$/],
    [[{ ...own, base_url: 'https://x?a' }], /without user name, query, fragment$/],
    [[{ ...own, base_url: 'https://x#a' }], /without user name, query, fragment$/],
    [[{ ...own, base_url: 'ftp://x' }], /begins with http/],
    [[{ ...own, base_url: 'https://x/v1/' }], /ends in \/v1; leave that out/],
    [[{ id: 'openrouter', base_url: 'https://x/v1' }], /ends in \/v1; leave that out/],
    [[{ id: 'gemini', base_url: 'https://x/v1beta' }], /ends in \/v1beta; leave that out/],
    [[{ ...own, label: 'a\u0000' }], /needs a label/],
    [[{ ...own, credential: 'basic' }], /can only be "api-key"/],
    [[{ ...own, enabled: 'no' }], /true or false/],
    [[{ id: 'openai', dialect: 'openai' }], /is a built-in provider/],
  ])('is refused: %j', (content, message) => {
    const problems = problemsOf(content);
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems[0]).toMatch(/^TRACEVAULT_PROVIDERS: /);
    expect(problems[0]).not.toContain('secret');
  });

  it('has all its errors named at once, beside those of variables', () => {
    writeFileSync(path, JSON.stringify([{ id: 'Own' }, { ...own, enabled: 1 }]));
    const variables = { TRACEVAULT_PROVIDERS: path, PORT: 'x' };
    expect(() => loadConfig(variables)).toThrow(/PORT[^]*"Own" needs an id[^]*dialect[^]*base_url[^]*"own"/);
  });

  it('has to exist', () => {
    expect(() => loadConfig({ TRACEVAULT_PROVIDERS: join(folder, 'none') })).toThrow(
      /can't be read \(ENOENT\)/,
    );
  });
});
