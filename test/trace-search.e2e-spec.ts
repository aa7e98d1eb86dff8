import { clientName } from '../web/src/ui/client-name';
import { Person, useApp } from './support/app';
import { callRow } from './support/call-rows';
import { newMember } from './support/people';
import { contentWritten, keepContent, tracesOf } from './support/traces';
import { LedgerRepository } from '../src/metering/ledger.repository';

interface Page {
  readonly traces: { readonly id: string; readonly session: string; readonly title: string | null }[];
  readonly next_cursor: string | null;
  readonly searched_to: string | null;
}

interface Call {
  readonly session: string;
  readonly says: string;
  readonly client?: string;
  readonly model?: string;
}

const CLAUDE_CODE = 'claude-cli/2.1.330 (external, cli)';

describe('a search of traces', () => {
  const app = useApp();
  let owner: Person;
  let member: Person;

  async function call({ token }: Person, { session, says, client, model }: Call): Promise<void> {
    const response = await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': token, 'user-agent': client ?? CLAUDE_CODE, 'x-session-id': session },
      body: JSON.stringify({
        model: model ?? 'claude-opus-4-8',
        messages: [{ role: 'user', content: says }],
      }),
    });
    await response.text();
    await contentWritten(app);
  }
  const pageOf = async (path: string, { token }: Person, query: Record<string, string>): Promise<Page> => {
    const response = await app.api('GET', `${path}?${new URLSearchParams(query).toString()}`, { token });
    expect(response.status).toBe(200);
    return (await response.json()) as Page;
  };
  const find = async (who: Person, q: string, query: Record<string, string> = {}) =>
    (await pageOf('me/traces', who, { ...query, q })).traces.map(({ session }) => session);
  const findInOrg = async (who: Person, q: string) =>
    (await pageOf(`orgs/${who.org}/traces`, who, { q })).traces.map(({ session }) => session);

  beforeAll(async () => {
    app.upstream.answerWith(async (request, response) => {
      const { model } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as { model: string };
      const answer = { id: 'msg', type: 'message', model, usage: { input_tokens: 7, output_tokens: 3 } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    owner = await app.signUp();
    member = await newMember(app, owner.org, 'developer');
    await keepContent(app, owner);
    await keepContent(app, member);
    await call(owner, { session: 'aaa-1', says: 'Fix the FLAKY test of the übersicht' });
    await call(owner, { session: 'bbb-2', says: 'Write the 100% plan', client: 'codex_cli_rs/0.50.0' });
    await call(owner, { session: 'ccc-3', says: 'Name the colours', model: 'claude-haiku-4-5' });
    await call(member, { session: 'ddd-4', says: 'Fix the flaky secret' });
    await app.calls(owner, 3);
    await app.calls(member);
  });

  it.each([
    ['flaky', ['aaa-1']],
    ['Flaky TEST', ['aaa-1']],
    ['test flaky opus', ['aaa-1']],
    ['flaky haiku', []],
    ['ÜBERSICHT', ['aaa-1']],
    ['100%', ['bbb-2']],
    ['%', ['bbb-2']],
    ['codex', ['bbb-2']],
    ['CLAUDE-CLI/2.1', ['ccc-3', 'aaa-1']],
    ['haiku', ['ccc-3']],
    ['bb-2', ['bbb-2']],
    ['the', ['ccc-3', 'bbb-2', 'aaa-1']],
    ['secret', []],
    ["'; DROP TABLE agent_sessions; --", []],
  ])('finds for %j the sessions %j of one’s own', async (q, sessions) => {
    expect(await find(owner, q)).toEqual(sessions);
  });

  it('finds a client by the name that the pages have for it', async () => {
    expect(await find(owner, clientName(CLAUDE_CODE))).toEqual(['ccc-3', 'aaa-1']);
    const clients = ['GeminiCLI/0.9.0', 'AsyncAnthropic/Python 0.90.0', 'OpenAI/JS 6.1.0', 'opencode/1.0.2'];
    const person = await app.signUp();
    for (const [at, client] of clients.entries())
      await call(person, { session: `of-${at}`, says: 'Hello', client });
    await app.calls(person, clients.length);
    for (const [at, client] of clients.entries())
      expect([client, await find(person, clientName(client))]).toEqual([client, [`of-${at}`]]);
  });

  it('keeps to the filters, and shows each session as the list does', async () => {
    expect(await find(owner, 'the', { client_kind: 'codex_cli_rs' })).toEqual(['bbb-2']);
    expect(await find(owner, 'the', { model: 'claude-haiku-4-5' })).toEqual(['ccc-3']);
    const { traces } = await pageOf('me/traces', owner, {});
    const found = await pageOf('me/traces', owner, { q: 'flaky' });
    expect(found).toEqual({ traces: [traces[2]], next_cursor: null, searched_to: null });
    expect(found.traces[0]!.title).toBe('Fix the FLAKY test of the übersicht');
  });

  it('goes on page by page, and ends with the last one found', async () => {
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await pageOf('me/traces', owner, {
        q: 'the',
        limit: '1',
        ...(cursor && { cursor }),
      });
      expect(page.traces).toHaveLength(1);
      expect(page.searched_to === null).toBe(page.next_cursor === null);
      paged.push(page.traces[0]!.session);
      cursor = page.next_cursor;
    }
    expect(paged).toEqual(['ccc-3', 'bbb-2', 'aaa-1']);
  });

  it('of an organization finds what is known without its content, and people by their name and email', async () => {
    expect(await findInOrg(owner, 'flaky')).toEqual([]);
    expect(await findInOrg(owner, 'haiku')).toEqual(['ccc-3']);
    expect(await findInOrg(owner, member.email.toUpperCase())).toEqual(['ddd-4']);
    await app.api('PATCH', 'auth/me', { token: member.token, body: { name: 'Grace Hopper' } });
    expect(await findInOrg(owner, 'grace opus')).toEqual(['ddd-4']);
    const auditor = await newMember(app, owner.org, 'auditor');
    expect(await findInOrg(auditor, 'flaky')).toEqual([]);
    expect(await findInOrg(auditor, 'ddd')).toEqual(['ddd-4']);
  });

  it('of an organization finds for a member their own sessions, and those by their title', async () => {
    expect(await findInOrg(member, 'flaky')).toEqual(['ddd-4']);
    expect(await findInOrg(member, 'aaa-1')).toEqual([]);
    expect(await findInOrg(member, owner.email)).toEqual([]);
  });

  it('does not find a person who has left by their email', async () => {
    const gone = await newMember(app, owner.org, 'developer');
    await call(gone, { session: 'eee-5', says: 'Bye' });
    await app.calls(gone);
    expect(await findInOrg(owner, gone.email)).toEqual(['eee-5']);
    await app.api('DELETE', `orgs/${owner.org}/members/${gone.userId}`, { token: owner.token });
    expect(await findInOrg(owner, gone.email)).toEqual([]);
    expect(await findInOrg(owner, 'eee-5')).toEqual(['eee-5']);
  });

  it('does not find a title that has been deleted, and finds the session by its id still', async () => {
    const person = await app.signUp();
    await keepContent(app, person);
    await call(person, { session: 'fff-6', says: 'Forget the canary' });
    const [trace] = await tracesOf(app, person, 1);
    expect(await find(person, 'canary')).toEqual(['fff-6']);
    await app.api('DELETE', `me/traces/${trace!.id}`, { token: person.token });
    expect(await find(person, 'canary')).toEqual([]);
    expect(await find(person, 'fff-6')).toEqual(['fff-6']);
  });

  it('looks through a thousand sessions at once, says how far back that was, and goes on from there', async () => {
    const person = await app.signUp();
    const now = Date.now();
    const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
    const ledger = app.app.get(LedgerRepository, { strict: false });
    await ledger.insert(
      [2_099, 2_100, 2_150].map((minutes) =>
        callRow({
          ...{ id: `req_tv_${minutes}`, user_id: person.userId, agent_session_id: `needle-${minutes}` },
          ...{ at: minutesAgo(minutes), client: CLAUDE_CODE },
        }),
      ),
    );
    await app.dataSource.query(
      `INSERT INTO "agent_sessions" SELECT (jsonb_populate_record("session", jsonb_build_object(
           'id', gen_random_uuid(), 'session_id', 'hay-' || n, 'last_at', $2::timestamptz - n * interval '1 minute'))).*
         FROM "agent_sessions" AS "session" CROSS JOIN generate_series(1, 2098) AS n
        WHERE "session"."user_id" = $1 AND "session"."session_id" = 'needle-2100'`,
      [person.userId, new Date(now).toISOString()],
    );
    const pages: Page[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await pageOf('me/traces', person, {
        q: 'needle',
        limit: '2',
        ...(cursor && { cursor }),
      });
      pages.push(page);
      cursor = page.next_cursor;
    }
    expect(
      pages.map(({ traces, searched_to }) => [searched_to, traces.map(({ session }) => session)]),
    ).toEqual([
      [minutesAgo(1_000), []],
      [minutesAgo(2_000), []],
      [minutesAgo(2_100), ['needle-2099', 'needle-2100']],
      [null, ['needle-2150']],
    ]);
  });

  it.each([
    ['q=', 'too_short'],
    ['q=%20%20', 'blank'],
    [`q=${'a'.repeat(201)}`, 'too_long'],
    ['q=a%00b', 'invalid_characters'],
    ['q=a%0Ab', 'invalid_characters'],
    ['q=a%E2%80%AEb', 'invalid_characters'],
    ['q=a&q=b', 'invalid_type'],
    ['q[a]=b', 'unknown_field'],
    ['q=the&cursor=nonsense', 'invalid_cursor'],
  ])('is refused for %s: %s', async (query, code) => {
    for (const path of ['me/traces', `orgs/${owner.org}/traces`]) {
      const response = await app.api('GET', `${path}?${query}`, owner);
      const { errors } = (await response.json()) as { errors: { code: string }[] };
      expect([path, response.status, errors[0]!.code]).toEqual([path, 400, code]);
    }
  });

  it('leaves no word of it in the log', async () => {
    await find(owner, 'quince');
    expect(app.log).not.toContain('quince');
  });
});
