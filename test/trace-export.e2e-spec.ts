import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Person, useApp } from './support/app';
import { emptyDirectory } from './support/database';
import { KeptPacks } from './support/kept-packs';
import { contentWritten, keepContent, TestTrace, tracesOf } from './support/traces';

const MODEL = 'claude-opus-4-8';
const user = (content: string) => ({ role: 'user', content });

interface Line {
  readonly id: string;
  readonly agent_id: string | null;
  readonly cost_usd: string;
  readonly content: {
    readonly repeated_messages: number;
    readonly messages: { readonly blocks: { readonly text: string }[] }[];
    readonly answer: { readonly blocks: { readonly text: string }[] };
  } | null;
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: { readonly key: string; readonly value: Record<string, unknown> }[];
}

describe('the export of a trace', () => {
  const app = useApp();
  const kept = new KeptPacks(app);
  let person: Person;
  let trace: TestTrace;
  const requests = [
    { messages: [user('one')] },
    { messages: [user('one'), user('two')] },
    { messages: [user('of a subagent')] },
  ].map((body) => JSON.stringify({ model: MODEL, ...body }));
  const answer = JSON.stringify({
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model: MODEL, stop_reason: 'end_turn' },
    content: [{ type: 'text', text: 'fine' }],
    usage: {
      input_tokens: 10,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 20,
      output_tokens: 3,
    },
  });

  beforeAll(async () => {
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
      });
    });
    person = await app.signUp();
    await keepContent(app, person);
    for (const [index, body] of requests.entries()) {
      const headers: Record<string, string> = { 'x-api-key': person.token, 'x-claude-code-session-id': 's' };
      if (index === 2) headers['x-claude-code-agent-id'] = 'sub';
      await (await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body })).text();
      await contentWritten(app);
    }
    [trace] = (await tracesOf(app, person, requests.length)) as [TestTrace];
  });

  const download = (format: string, { token }: { token: string } = person): Promise<Response> =>
    app.api('GET', `me/traces/${trace.id}/export?format=${format}`, { token });
  const lines = async (): Promise<Line[]> =>
    (await (await download('jsonl')).text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  async function unpacked(): Promise<{ folder: string; manifest: { calls: Record<string, never>[] } }> {
    const folder = await emptyDirectory();
    const file = Buffer.from(await (await download('raw')).arrayBuffer());
    execFileSync('tar', ['-xf', '-', '-C', folder], { input: file });
    return { folder, manifest: JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as never };
  }

  it('has a line for each call, with what was new in it', async () => {
    const found = await lines();
    expect(found.map(({ id }) => id)).toEqual(trace.calls);
    expect(found.map(({ agent_id }) => agent_id)).toEqual([null, null, 'sub']);
    const contents = found.map(({ content }) => content!);
    expect(contents.map((content) => content.repeated_messages)).toEqual([0, 1, 0]);
    expect(contents.map(({ messages }) => messages.map(({ blocks }) => blocks[0]!.text))).toEqual([
      ['one'],
      ['two'],
      ['of a subagent'],
    ]);
    expect(contents.map((content) => content.answer.blocks[0]!.text)).toEqual(['fine', 'fine', 'fine']);
  });

  it('has the bytes of all bodies, and a manifest with their digests', async () => {
    const response = await download('raw');
    expect(response.headers.get('content-type')).toContain('application/x-tar');
    expect(response.headers.get('content-disposition')).toContain(`trace-${trace.id}.tar`);
    const { folder, manifest } = await unpacked();
    expect(manifest.calls.map(({ id }) => id)).toEqual(trace.calls);
    for (const [index, call] of manifest.calls.entries())
      for (const [part, expected] of [
        ['request', requests[index]!],
        ['response', answer],
      ] as const) {
        const { state, sha256, file } = call[part] as unknown as Record<string, string>;
        const bytes = readFileSync(join(folder, file!));
        expect([state, bytes.toString()]).toEqual(['kept', expected]);
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
      }
  });

  it('has spans for OpenTelemetry, of agents and of their calls, without a word of what was said', async () => {
    const text = await (await download('otlp')).text();
    for (const said of ['one', 'two', 'subagent', 'fine']) expect(text).not.toContain(`"${said}"`);
    const { resourceSpans } = JSON.parse(text) as { resourceSpans: [{ scopeSpans: [{ spans: Span[] }] }] };
    const { spans } = resourceSpans[0].scopeSpans[0];
    expect(spans.map(({ name }) => name)).toEqual([
      'invoke_agent',
      `chat ${MODEL}`,
      `chat ${MODEL}`,
      'invoke_agent',
      `chat ${MODEL}`,
    ]);
    const [main, first, , sub, last] = spans as [Span, Span, Span, Span, Span];
    expect([main.parentSpanId, first.parentSpanId, sub.parentSpanId, last.parentSpanId]).toEqual([
      undefined,
      main.spanId,
      main.spanId,
      sub.spanId,
    ]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    for (const { traceId, spanId } of spans) {
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(spanId).toMatch(/^[0-9a-f]{16}$/);
    }
    for (const span of spans)
      expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true);
    const values = Object.fromEntries(
      first.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
    );
    expect(values).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.conversation.id': 's',
      'gen_ai.request.model': MODEL,
      'gen_ai.response.model': MODEL,
      'gen_ai.response.id': 'msg_1',
      'gen_ai.response.finish_reasons': { values: [{ stringValue: 'end_turn' }] },
      'gen_ai.usage.input_tokens': '130',
      'gen_ai.usage.cache_read.input_tokens': '100',
      'gen_ai.usage.cache_creation.input_tokens': '20',
      'gen_ai.usage.output_tokens': '3',
      'tracevault.cost.usd': Number((await lines())[0]!.cost_usd),
    });
  });

  it('is its person’s alone, and says which formats there are', async () => {
    const other = await app.signUp();
    expect((await download('raw', other)).status).toBe(404);
    const response = await download('pdf');
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ field: 'format', code: 'not_allowed' }] },
    ]);
  });

  it('goes on past what is damaged, and says so', async () => {
    const contents = await app.dataSource.query<{ id: string }[]>('SELECT "id" FROM "trace_contents"');
    for (const name of kept.in(contents.map(({ id }) => id)))
      await kept.write(name, Buffer.alloc(kept.read(name).length));
    expect((await lines()).map(({ content }) => content)).toEqual([null, null, null]);
    const { manifest } = await unpacked();
    expect(manifest.calls).toMatchObject([
      { request: { state: 'damaged', file: null } },
      { request: { state: 'damaged' } },
      { request: { state: 'damaged' }, response: { state: 'damaged' } },
    ]);
  });
});
