import { createHash } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Reservations } from '../src/limits/reservations';
import { Person, useApp } from './support/app';
import { blockEventLoop } from './support/block-event-loop';
import { newMember } from './support/people';

/** Haiku 4.5: 1 USD for a million input tokens, 5 for a million output tokens. */
const MODEL = 'claude-haiku-4-5';
const ORG_KEY = 'sk-ant-of-the-organization';

interface Effective {
  readonly scope: string;
  readonly amount_usd: string | null;
  readonly spent_usd: string | null;
  readonly reserved_usd: string | null;
  readonly left_usd: string | null;
  readonly resets_at: string | null;
}

describe('limits of an organization', () => {
  const app = useApp();
  let owner: Person;
  let member: Person;
  /** What the upstream says that a call has used. */
  let usage: { input_tokens: number; output_tokens: number };

  beforeEach(async () => {
    owner = await app.signUp(null);
    member = await newMember(app, owner.org, 'developer');
    await app.api('DELETE', 'me/keys/anthropic', { token: member.token });
    await app.api('PUT', `orgs/${owner.org}/keys/anthropic`, { token: owner.token, body: { key: ORG_KEY } });
    app.invalidateAuthCache(); // the membership was inserted past the server
    usage = { input_tokens: 2_000, output_tokens: 0 }; // 0.002 USD
    app.upstream.answerWith((request, response) => {
      request.resume();
      request.on('end', () => answer(response));
    });
  });

  const answer = (response: import('node:http').ServerResponse): void => {
    const body = { type: 'message', id: 'msg_1', model: MODEL, content: [], stop_reason: 'end_turn', usage };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const limit = async (body: object, org = owner): Promise<{ id: string }> => {
    const response = await app.api('POST', `orgs/${org.org}/limits`, { token: org.token, body });
    expect([response.status, await response.clone().text()]).toEqual([201, expect.any(String)]);
    return (await response.json()) as { id: string };
  };
  const spend = (amount_usd: string | null, more: object = {}): Promise<{ id: string }> =>
    limit({ kind: 'spend', scope: 'organization', period: 'month', amount_usd, ...more });
  const call = (
    who = member,
    body: object = { model: MODEL, max_tokens: 10, messages: [] },
    path = '/v1/messages',
  ): Promise<Response> =>
    fetch(app.proxyUrl + path, {
      method: 'POST',
      headers: { 'x-api-key': who.token, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const status = async (...given: Parameters<typeof call>): Promise<number> => {
    const response = await call(...given);
    await response.arrayBuffer();
    return response.status;
  };
  const effective = async (who = member): Promise<Effective[]> =>
    (await (await app.api('GET', 'me/limits', { token: who.token })).json()) as Effective[];
  /** Waits until nothing is open and the ledger holds all calls. */
  const settled = async (): Promise<void> => {
    const reservations = app.app.get(Reservations, { strict: false });
    for (let waited = 0; reservations.size > 0; waited += 20) {
      expect(waited).toBeLessThan(10_000);
      await sleep(20);
    }
  };

  it('admit calls until the money is spent, and say then which limit it was, until when and whom to ask', async () => {
    await spend('0.01');
    for (let calls = 0; calls < 5; calls++) {
      expect(await status()).toBe(200);
      await settled();
    }
    const refused = await call();
    expect(refused.status).toBe(429);
    const { error, type } = (await refused.json()) as { type: string; error: Record<string, string> };
    expect([type, error.type]).toEqual(['error', 'billing_error']);
    expect(error.message).toMatch(/^The limit of the organization "org [\da-f]+" of 0\.01 USD a month/);
    expect(error.message).toMatch(/0\.01 USD are spent, 0\.00 USD are reserved/);
    expect(error.message).toMatch(/begins again on \d{4}-\d\d-01 00:00 UTC\. Ask an owner or admin/);
    expect(refused.headers.get('x-should-retry')).toBe('false');
    const now = new Date();
    const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
    expect(Math.abs(Number(refused.headers.get('retry-after')) - (end - now.getTime()) / 1000)).toBeLessThan(
      5,
    );
    expect(await effective()).toMatchObject([
      {
        scope: 'organization',
        spent_usd: '0.01',
        reserved_usd: '0',
        left_usd: '0',
        resets_at: new Date(end).toISOString(),
      },
    ]);
  });

  it('are not passed by a hundred calls at the same time', async () => {
    await spend('0.10');
    usage = { input_tokens: 10, output_tokens: 1_000 }; // 0.00501 USD
    let open = 0;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    app.upstream.answerWith(async (request, response) => {
      request.resume();
      open += 1;
      await released;
      answer(response);
    });
    const body = { model: MODEL, max_tokens: 1_000, messages: [] };
    const calls = Array.from({ length: 100 }, () => status(member, body));
    const refused = calls.map(async (one) => (await one) === 429);
    while (open < 15) await sleep(20);
    const [during] = await effective();
    expect(Number(during?.spent_usd)).toBe(0);
    release();
    const admitted = (await Promise.all(refused)).filter((isRefused) => !isRefused).length;
    await settled();
    const [after] = await effective();
    expect(Number(after?.spent_usd)).toBeCloseTo(admitted * 0.00501, 9);
    expect(Number(after?.spent_usd)).toBeLessThanOrEqual(0.1);
    expect(admitted).toBeGreaterThanOrEqual(15); // a call is reserved at 0.0051 USD and something
    while ((await effective())[0]?.reserved_usd !== '0') await sleep(50); // told once a second
  });

  it('count what a call has cost that its client broke off', async () => {
    await spend('0.01');
    const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    app.upstream.answerWith((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const message = { id: 'msg_1', model: MODEL, usage: { input_tokens: 9_990, output_tokens: 1 } };
      response.write(event('message_start', { type: 'message_start', message }));
    });
    const leaving = new AbortController();
    const response = await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': member.token },
      body: JSON.stringify({ model: MODEL, max_tokens: 10, stream: true, messages: [] }),
      signal: leaving.signal,
    });
    await response.body!.getReader().read();
    leaving.abort();
    await app.calls(member);
    await settled();
    expect(await status()).toBe(429);
  });

  it('count a call also when the process is too busy to read along with others', async () => {
    await spend('0.01');
    app.upstream.answerWith((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const message = { id: 'msg_1', model: MODEL, usage: { input_tokens: 9_990, output_tokens: 1 } };
      const events = [
        { type: 'message_start', message },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
        { type: 'message_stop' },
      ];
      void (async () => {
        for (const event of events) {
          response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
          blockEventLoop(400);
          await nextTurn();
        }
        response.end();
      })();
    });
    expect(await status()).toBe(200);
    expect(await app.calls(member)).toMatchObject([{ usageState: 'measured', inputTokens: '9990' }]);
    await settled();
    expect(await status()).toBe(429);
  });

  it('give back what was reserved for a call that never reached its provider', async () => {
    await spend('0.01');
    app.upstream.answerWith((request) => void request.socket.destroy());
    const body = { model: MODEL, max_tokens: 1_000, messages: [] }; // half of it
    for (let calls = 0; calls < 10; calls++) expect(await status(member, body)).toBe(502);
    await settled();
    expect(await effective()).toMatchObject([{ spent_usd: '0' }]);
  });

  it('never block what is free, and block everything else at 0', async () => {
    await spend('0');
    const blocked = await call();
    expect(blocked.status).toBe(429);
    expect(await blocked.text()).toContain('blocks every call that costs something');
    expect(await status(member, { model: MODEL, messages: [] }, '/v1/messages/count_tokens')).toBe(200);
    expect(await status(member, { requests: [] }, '/v1/messages/batches')).toBe(429);
    const models = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': member.token } });
    expect(models.status).toBe(200);
  });

  it('count calls with keys of their own only if they say so', async () => {
    const { id } = await spend('0');
    await app.storeKey(member.token, 'sk-ant-own-of-the-member');
    expect(await status()).toBe(200);
    const change = { token: owner.token, body: { count_personal_keys: true } };
    expect((await app.api('PATCH', `orgs/${owner.org}/limits/${id}`, change)).status).toBe(200);
    expect(await status()).toBe(429);
  });

  it('count each member by themselves, and a member’s own limit replaces the default', async () => {
    await spend('0', { scope: 'everyone' });
    expect([await status(member), await status(owner)]).toEqual([429, 429]);
    await spend(null, { scope: 'member', subject_id: member.userId });
    expect([await status(member), await status(owner)]).toEqual([200, 429]);
    const other = await newMember(app, owner.org, 'developer');
    await app.api('DELETE', 'me/keys/anthropic', { token: other.token });
    app.invalidateAuthCache();
    expect(await status(other)).toBe(429);
  });

  it('hold for one proxy token alone', async () => {
    const created = await app.api('POST', 'me/proxy-tokens', { token: member.token, body: { name: 'ci' } });
    const { id, token } = (await created.json()) as { id: string; token: string };
    await spend('0', { scope: 'token', subject_id: id });
    expect([await status({ ...member, token }), await status()]).toEqual([429, 200]);
    expect(await effective()).toMatchObject([{ scope: 'token', amount_usd: '0.00' }]);
  });

  it('hold until they are changed, deleted or over, from the next call on', async () => {
    const { id } = await spend('0');
    const path = `orgs/${owner.org}/limits/${id}`;
    expect(await status()).toBe(429);
    await app.api('PATCH', path, { token: owner.token, body: { amount_usd: '5' } });
    expect(await status()).toBe(200);
    const until = new Date(Date.now() + 1_500).toISOString();
    await app.api('PATCH', path, { token: owner.token, body: { amount_usd: '0', until } });
    expect(await status()).toBe(429);
    await sleep(1_600);
    expect(await status()).toBe(200);
    await app.api('PATCH', path, { token: owner.token, body: { until: null } });
    expect(await status()).toBe(429);
    expect((await app.api('DELETE', path, { token: owner.token })).status).toBe(204);
    expect(await status()).toBe(200);
  });

  it('count what was spent in the period before they were created, and nothing of an earlier one', async () => {
    usage = { input_tokens: 20_000, output_tokens: 0 };
    expect(await status()).toBe(200);
    await app.calls(member);
    await spend('0.01');
    expect(await status()).toBe(429);
    const { dataSource } = app as { dataSource: DataSource };
    await dataSource.query(`UPDATE "spend_daily" SET "day" = "day" - 40`);
    expect(await status()).toBe(200);
  });

  describe('on models', () => {
    const models = (allow: string[], scope = 'everyone') => limit({ kind: 'models', scope, allow });

    it('name what is allowed', async () => {
      await models(['claude-haiku-*', 'claude-sonnet-5']);
      expect(await status()).toBe(200);
      const refused = await call(member, { model: 'claude-opus-4-8', max_tokens: 1, messages: [] });
      expect(refused.status).toBe(403);
      const { error } = (await refused.json()) as { error: Record<string, string> };
      expect(error.type).toBe('permission_error');
      expect(error.message).toContain('"claude-opus-4-8" here, but these: claude-haiku-*, claude-sonnet-5');
      expect(refused.headers.get('x-should-retry')).toBe('false');
    });

    it('refuse a request that does not say in time which one it is for', async () => {
      await models(['claude-haiku-*']);
      const late = { messages: ['x'.repeat(1_000_000)], model: MODEL };
      expect(await status(member, late)).toBe(403);
      expect(await status(member, { messages: ['x'.repeat(10_000)], model: MODEL })).toBe(200);
      const text = await fetch(`${app.proxyUrl}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': member.token },
        body: 'no JSON',
      });
      expect([text.status, await text.text()]).toEqual([403, expect.stringContaining('first 64 KiB')]);
    });

    it('apply to those of the organization and of the member together', async () => {
      await models(['claude-*'], 'organization');
      await models(['claude-haiku-*', 'gpt-*']);
      expect(await status()).toBe(200);
      expect(await status(member, { model: 'claude-opus-4-8', messages: [] })).toBe(403);
      expect(await status(member, { model: 'gpt-5', messages: [] })).toBe(403);
    });
  });

  describe('on rates', () => {
    it('admit as many requests a minute, and say when to try again', async () => {
      await limit({ kind: 'rate', scope: 'member', subject_id: member.userId, per_minute: { requests: 3 } });
      const left = 60_000 - (Date.now() % 60_000);
      if (left < 3_000) await sleep(left + 10);
      const all = await Promise.all(Array.from({ length: 10 }, () => status()));
      expect(all.filter((one) => one === 200)).toHaveLength(3);
      const refused = await call();
      expect(refused.status).toBe(429);
      expect(refused.headers.get('x-should-retry')).toBeNull();
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      const { error } = (await refused.json()) as { error: Record<string, string> };
      expect(error.type).toBe('rate_limit_error');
      expect(error.message).toContain('of 3 requests a minute is reached');
      expect(await status(owner)).toBe(200);
    });

    it('count tokens without those that are read from a cache, and admit one large call', async () => {
      await limit({ kind: 'rate', scope: 'everyone', per_minute: { tokens: 50 } });
      const left = 60_000 - (Date.now() % 60_000);
      if (left < 3_000) await sleep(left + 10);
      usage = { input_tokens: 5, output_tokens: 5, cache_read_input_tokens: 1_000_000 } as typeof usage;
      expect(await status(member, { model: MODEL, max_tokens: 4_000, messages: [] })).toBe(200);
      await settled();
      expect(await status(member, { model: MODEL, max_tokens: 1, messages: [] })).toBe(200);
      usage = { input_tokens: 50, output_tokens: 5 };
      expect(await status(member, { model: MODEL, max_tokens: 1, messages: [] })).toBe(200);
      await settled();
      expect(await status(member, { model: MODEL, max_tokens: 1, messages: [] })).toBe(429);
    });
  });

  describe('that hold back the first bytes of a body', () => {
    it.each([
      ['none', 0],
      ['a small one', 100],
      ['one of exactly what is read before', 64 * 1024],
      ['a large one', 3 * 1024 * 1024],
    ])('pass on every byte of %s', async (_, size) => {
      await spend('1000');
      const head = `{"model":"${MODEL}","max_tokens":10,"text":"`;
      const body = size === 0 ? '' : `${head}${'x'.repeat(size - head.length - 2)}"}`;
      for (const isChunked of size === 0 ? [false] : [false, true]) {
        const response = await fetch(`${app.proxyUrl}/v1/messages`, {
          method: 'POST',
          headers: { 'x-api-key': member.token },
          body: isChunked ? new Blob([body]).stream() : body,
          ...(isChunked && { duplex: 'half' }),
        });
        expect(response.status).toBe(200);
        const sent = await app.upstream.last.body;
        expect(sent.bytes).toBe(body.length);
        expect(sent.sha256).toBe(createHash('sha256').update(body).digest('hex'));
      }
    });

    it('pass on a body that comes byte by byte', async () => {
      await spend('1000');
      const body = Buffer.from(JSON.stringify({ model: MODEL, max_tokens: 10, messages: [] }));
      const slow = new ReadableStream<Uint8Array>({
        async start(controller) {
          for (const byte of body) {
            controller.enqueue(Uint8Array.of(byte));
            await sleep(1);
          }
          controller.close();
        },
      });
      const headers = { 'x-api-key': member.token };
      const init = { method: 'POST', headers, body: slow, duplex: 'half' as const };
      expect((await fetch(`${app.proxyUrl}/v1/messages`, init)).status).toBe(200);
      expect((await app.upstream.last.body).start.toString()).toBe(body.toString());
    });

    it('forget a client that leaves meanwhile', async () => {
      await spend('1000');
      const leaving = new AbortController();
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(Buffer.from('{"model":')),
      });
      const init = { method: 'POST', headers: { 'x-api-key': member.token }, body, duplex: 'half' as const };
      const sent = fetch(`${app.proxyUrl}/v1/messages`, { ...init, signal: leaving.signal });
      await sleep(100);
      const before = app.upstream.requests.length;
      leaving.abort();
      await expect(sent).rejects.toThrow();
      expect(await status()).toBe(200);
      expect(app.upstream.requests.length).toBe(before + 1);
      await settled();
    });
  });
});
