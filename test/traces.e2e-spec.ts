import { CreateAgentSessions1764000000025 } from '../migrations/1764000000025-create-agent-sessions';
import { Person, useApp } from './support/app';
import { newMember } from './support/people';

interface Sums {
  readonly calls: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: string;
}

interface Trace extends Sums {
  readonly id: string;
  readonly session: string;
  readonly client_kind: string;
  readonly subagents: number;
  readonly user_id: string;
}

interface Tree extends Trace {
  readonly has_more_calls: boolean;
  readonly agents: {
    readonly id: string | null;
    readonly parent_id: string | null;
    readonly own: Sums;
    readonly subtree: Sums;
    readonly calls: { readonly id: string; readonly model: string; readonly cost_usd: string | null }[];
  }[];
}

interface Call {
  readonly session?: string;
  readonly agent?: string;
  readonly parent?: string;
  readonly model?: string;
  readonly client?: string;
}

describe('traces', () => {
  const app = useApp();
  let owner: Person;
  let member: Person;

  const get = async <Answer>(path: string, { token }: { token: string }): Promise<Answer> =>
    (await (await app.api('GET', path, { token })).json()) as Answer;
  const list = (who: Person, query = '') =>
    get<{ traces: Trace[]; next_cursor: string | null }>(`me/traces${query}`, who);

  async function call({ token }: { token: string }, { session, agent, parent, model, client }: Call) {
    const response = await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: {
        'x-api-key': token,
        'user-agent': client ?? 'claude-cli/2.1.330 (external, cli)',
        ...(session !== undefined && { 'x-claude-code-session-id': session }),
        ...(agent !== undefined && { 'x-claude-code-agent-id': agent }),
        ...(parent !== undefined && { 'x-claude-code-parent-agent-id': parent }),
      },
      body: JSON.stringify({ model: model ?? 'claude-opus-4-8', messages: [] }),
    });
    await response.text();
  }

  beforeAll(async () => {
    app.upstream.answerWith(async (request, response) => {
      const { model } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as { model: string };
      const isBad = model === 'bad';
      const usage = { input_tokens: 7, output_tokens: 3 };
      const answer = isBad ? { type: 'error' } : { id: 'msg', type: 'message', model, usage };
      response
        .writeHead(isBad ? 400 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer));
    });
    owner = await app.signUp();
    member = await newMember(app, owner.org, 'developer');
    await call(owner, { session: 'one' });
    await call(owner, { session: 'one', agent: 'a' });
    await call(owner, { session: 'one', agent: 'b', parent: 'a', model: 'claude-haiku-4-5' });
    await call(owner, { session: 'one', agent: 'b', parent: 'a', model: 'bad' });
    await call(owner, { session: 'one', client: 'codex_cli_rs/0.50.0' });
    await call(owner, {});
    await call(owner, { session: 'two' });
    await call(member, { session: 'one' });
    await app.calls(owner, 7);
    await app.calls(member);
  });

  it('are the sessions of one’s agents, those with the latest calls first', async () => {
    const { traces, next_cursor } = await list(owner);
    expect(next_cursor).toBeNull();
    expect(traces.map((one) => [one.session, one.client_kind, one.calls, one.subagents])).toEqual([
      ['two', 'claude-cli', 1, 0],
      ['one', 'codex_cli_rs', 1, 0],
      ['one', 'claude-cli', 4, 2],
    ]);
    expect(traces[2]).toMatchObject({
      user_id: owner.userId,
      client: 'claude-cli/2.1.330 (external, cli)',
      models: ['bad', 'claude-haiku-4-5', 'claude-opus-4-8'],
      ...{ failed_calls: 1, input_tokens: 21, output_tokens: 9, unpriced_calls: 0 },
      cost_usd: usd(2n * (7n * 5_000n + 3n * 25_000n) + 7n * 1_000n + 3n * 5_000n),
    });
  });

  it('have a tree of agents with the calls and the sums of each, alone and with those that it has started', async () => {
    const { id } = (await list(owner)).traces[2]!;
    const tree = await get<Tree>(`me/traces/${id}`, owner);
    expect(tree).toMatchObject({ session: 'one', calls: 4, subagents: 2, has_more_calls: false });
    expect(
      tree.agents.map((agent) => [agent.id, agent.parent_id, agent.own.calls, agent.subtree.calls]),
    ).toEqual([
      [null, null, 1, 4],
      ['a', null, 1, 3],
      ['b', 'a', 2, 2],
    ]);
    expect(tree.agents[0]!.subtree.cost_usd).toBe(tree.cost_usd);
    expect(tree.agents[2]!.calls).toMatchObject([
      { model: 'claude-haiku-4-5', status: 200, outcome: 'completed', output_tokens: 3 },
      { model: 'bad', status: 400, cost_usd: null },
    ]);
    const details = await app.api('GET', `me/calls/${tree.agents[2]!.calls[0]!.id}`, owner);
    expect(details.status).toBe(200);
  });

  it('of another person are not there, even with the same session id', async () => {
    const { traces } = await list(member);
    expect(traces).toMatchObject([{ session: 'one', calls: 1, user_id: member.userId }]);
    const other = await app.api('GET', `me/traces/${traces[0]!.id}`, owner);
    expect([other.status, (await other.json()) as object]).toMatchObject([
      404,
      { errors: [{ code: 'trace_not_found' }] },
    ]);
    const stranger = await app.signUp();
    expect((await app.api('GET', `orgs/${owner.org}/traces`, stranger)).status).toBe(404);
  });

  it('of an organization are for owners and admins; members see their own', async () => {
    const path = `orgs/${owner.org}/traces`;
    const all = await get<{ traces: Trace[] }>(path, owner);
    expect(all.traces.map(({ user_id, session }) => [user_id === owner.userId, session])).toEqual([
      [false, 'one'],
      [true, 'two'],
      [true, 'one'],
      [true, 'one'],
    ]);
    expect((await get<{ traces: Trace[] }>(path, member)).traces).toHaveLength(1);
    const ofMember = await get<{ traces: Trace[] }>(`${path}?person=${member.userId}`, owner);
    expect(ofMember.traces.map(({ id }) => id)).toEqual([all.traces[0]!.id]);
    expect((await app.api('GET', `${path}/${all.traces[0]!.id}`, owner)).status).toBe(200);
    expect((await app.api('GET', `${path}/${all.traces[1]!.id}`, member)).status).toBe(404);
  });

  it('are listed page by page, and by client, model and session', async () => {
    const all = (await list(owner)).traces.map(({ id }) => id);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await list(owner, `?limit=1${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.traces.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(paged).toEqual(all);
    const ids = async (query: string) => (await list(owner, query)).traces.map(({ id }) => all.indexOf(id));
    expect(await ids('?client_kind=codex_cli_rs')).toEqual([1]);
    expect(await ids('?model=claude-haiku-4-5')).toEqual([2]);
    expect(await ids('?session=one')).toEqual([1, 2]);
    expect(await ids('?session=three')).toEqual([]);
  });

  it.each([
    ['me/traces?limit=0', 400, 'too_small'],
    ['me/traces?limit=101', 400, 'too_large'],
    ['me/traces?cursor=nonsense', 400, 'invalid_cursor'],
    ['me/traces?colour=red', 400, 'unknown_field'],
    ['me/traces?model=', 400, 'too_short'],
    ['me/traces/7', 400, 'invalid_id'],
    ['me/traces/11111111-1111-1111-1111-111111111111', 404, 'trace_not_found'],
  ])('are refused for %s: %s %s', async (path, status, code) => {
    const response = await app.api('GET', path, owner);
    const { errors } = (await response.json()) as { errors: { code: string }[] };
    expect([response.status, errors[0]!.code]).toEqual([status, code]);
  });

  /** The migration gives sessions new ids. */
  const withoutIds = async () => (await list(owner)).traces.map((trace) => ({ ...trace, id: undefined }));

  it('of calls from before are there after the migration', async () => {
    const before = await withoutIds();
    const migration = new CreateAgentSessions1764000000025();
    await app.dataSource.transaction(async ({ queryRunner }) => {
      await migration.down(queryRunner!);
      await migration.up(queryRunner!);
    });
    expect(await withoutIds()).toEqual(before);
  });
});

/** Writes billionths of a US dollar as the API does. */
function usd(nano: bigint): string {
  return `0.${String(nano).padStart(9, '0').replace(/0+$/, '')}`;
}
