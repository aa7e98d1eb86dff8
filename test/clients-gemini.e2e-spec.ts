import { ApiError, GoogleGenAI } from '@google/genai';
import { runInThisContext } from 'node:vm';
import { GEMINI } from '../src/providers/gemini';
import { Person, useApp } from './support/app';

const MODEL = 'gemini-2.5-pro';

/** The name under which Node's fetch keeps its connections, and the SDK looks for them. */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** Google's own SDK, unmodified: what it sends, and what it makes of the answers. */
describe('the client of Gemini', () => {
  const app = useApp({ provider: GEMINI });
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
    // A suite's global object is Jest's own, in which the SDK would not find what Node's has.
    const node = runInThisContext('globalThis') as Record<symbol, unknown>;
    Object.assign(globalThis, { [DISPATCHER]: node[DISPATCHER] });
  });

  const clientWith = (apiKey: string): GoogleGenAI =>
    new GoogleGenAI({ apiKey, httpOptions: { baseUrl: app.proxyUrl } });

  it('is refused a resumable upload before that begins, since it would take the token to Google', async () => {
    const { token } = person;
    const before = app.upstream.requests.length;
    const file = new Blob(['some text'], { type: 'text/plain' });
    const error: unknown = await clientWith(token)
      .files.upload({ file })
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('Send the file in one request');
    const response = await fetch(`${app.proxyUrl}/upload/v1beta/files`, {
      method: 'POST',
      headers: { 'x-goog-api-key': token, 'X-Goog-Upload-Protocol': 'Resumable' },
      body: '{}',
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: { code: 400, message: expect.any(String), status: 'INVALID_ARGUMENT' } },
    ]);
    expect(app.upstream.requests).toHaveLength(before);
  });

  it('gets no address at Google of an upload that began all the same', async () => {
    app.upstream.answerWith((request, response) => {
      request.resume();
      response.writeHead(200, {
        'x-goog-upload-url': 'https://upload.example/1',
        'x-goog-upload-status': 'active',
      });
      response.end();
    });
    const { headers } = await fetch(`${app.proxyUrl}/upload/v1beta/files`, {
      method: 'POST',
      headers: { 'x-goog-api-key': person.token },
    });
    app.upstream.answerWithDefault();
    expect([headers.get('x-goog-upload-url'), headers.get('x-goog-upload-status')]).toEqual([null, 'active']);
  });

  describe('with a stored key', () => {
    const client = (): GoogleGenAI => clientWith(person.token);

    afterEach(() => {
      const { headers, rawHeaders, target } = app.upstream.last;
      expect(headers['x-goog-api-key']).toBe(person.apiKey);
      expect(rawHeaders.join('\n') + target).not.toContain(person.token);
    });

    const request = { model: MODEL, contents: 'hello there' };

    it('generates content', async () => {
      const answer = await client().models.generateContent(request);
      expect(answer.text).toContain('hello there');
      expect(answer.usageMetadata).toMatchObject({ thoughtsTokenCount: 8 });
      expect(app.upstream.last.headers['x-goog-api-client']).toMatch(/^google-genai-sdk\//);
    });

    it('streams content to its last part', async () => {
      const texts: (string | undefined)[] = [];
      const reasons: unknown[] = [];
      for await (const part of await client().models.generateContentStream(request)) {
        texts.push(part.text);
        reasons.push(part.candidates?.[0]?.finishReason);
      }
      expect(app.upstream.last.target).toBe(`/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`);
      expect(texts.length).toBeGreaterThan(1);
      expect(texts.join('')).toContain('hello there');
      expect(reasons.at(-1)).toBe('STOP');
    });

    it('counts tokens', async () => {
      expect((await client().models.countTokens(request)).totalTokens).toBeGreaterThan(0);
    });

    it('lists models', async () => {
      const names: (string | undefined)[] = [];
      for await (const { name } of await client().models.list()) names.push(name);
      expect(names).toContain(`models/${MODEL}`);
    });

    it.each([
      ['error-400', 400, 'INVALID_ARGUMENT'],
      ['error-401', 401, 'UNAUTHENTICATED'],
      ['error-403', 403, 'PERMISSION_DENIED'],
      ['error-404', 404, 'NOT_FOUND'],
      ['error-429', 429, 'RESOURCE_EXHAUSTED'],
      ['error-500', 500, 'INTERNAL'],
      ['error-503', 503, 'UNAVAILABLE'],
    ])('maps %s to its own error with the status %d', async (model, status, word) => {
      const error = await failure(client().models.generateContent({ ...request, model }));
      expect(error.status).toBe(status);
      expect(error.message).toContain(word);
    });

    it('ends the upstream request when it aborts a stream', async () => {
      const arrival = app.upstream.arrival();
      app.upstream.answerWith((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"}}]}\r\n\r\n');
      });
      const abort = new AbortController();
      const config = { abortSignal: abort.signal };
      const reading = (async () => {
        for await (const part of await client().models.generateContentStream({ ...request, config })) {
          expect(part.text).toBe('a');
          abort.abort();
        }
      })();
      await expect(reading).rejects.toThrow(/abort/i);
      expect((await (await arrival).closed).aborted).toBe(true);
      app.upstream.answerWithDefault();
    });
  });

  it.each([
    ['no key is stored', (): Promise<string> => app.signUp(null).then(({ token }) => token), /key/],
    ['the token is unknown', (): Promise<string> => Promise.resolve('tvs_wrong'), /token/],
  ])('maps the proxy’s own 401 to an ApiError when %s', async (_when, token, words) => {
    const before = app.upstream.requests.length;
    const client = clientWith(await token());
    const error = await failure(client.models.generateContent({ model: MODEL, contents: 'hello' }));
    expect(error.status).toBe(401);
    const { error: said } = JSON.parse(error.message) as { error: object };
    expect(said).toMatchObject({
      code: 401,
      status: 'UNAUTHENTICATED',
      message: expect.stringMatching(words),
    });
    expect(app.upstream.requests.length).toBe(before);
  });
});

/** Resolves with the error of the SDK's with which a call fails. */
async function failure(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (error instanceof ApiError) return error;
  throw new Error('The call did not fail with an error of the SDK');
}
