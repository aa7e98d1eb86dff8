import { LimitEntity } from '../src/limits/limit.entity';
import { Person, useApp } from './support/app';
import { join, newMember, toldOf } from './support/people';

interface Refusal {
  readonly statusCode: number;
  readonly errors: { field?: string; code: string }[];
}

describe('the limits of an organization', () => {
  const app = useApp();
  let owner: Person;
  let member: Person;

  beforeAll(async () => {
    owner = await app.signUp();
    member = await newMember(app, owner.org, 'developer');
  });
  beforeEach(async () => {
    await app.dataSource.getRepository(LimitEntity).createQueryBuilder().delete().execute();
    app.invalidateAuthCache(); // the membership was inserted and the limits were deleted past the server
  });

  const SPEND = { kind: 'spend', scope: 'organization', period: 'month', amount_usd: '25.00' };
  const create = (body: object, { token } = owner, org = owner.org) =>
    app.api('POST', `orgs/${org}/limits`, { token, body });
  const list = async (): Promise<object[]> =>
    (await (await app.api('GET', `orgs/${owner.org}/limits`, { token: owner.token })).json()) as object[];

  it('are created, listed, changed and deleted, each with an event', async () => {
    const created = (await (await create({ ...SPEND, note: 'all of us' })).json()) as { id: string };
    expect(created).toMatchObject({
      ...{ kind: 'spend', scope: 'organization', subject_id: null, period: 'month', amount_usd: '25.00' },
      ...{ per_minute: null, allow: null, estimate: 'strict', count_personal_keys: false, until: null },
      note: 'all of us',
    });
    expect(await list()).toEqual([created]);
    const path = `orgs/${owner.org}/limits/${created.id}`;
    const change = { amount_usd: '0.5', estimate: 'typical', note: null, until: '2100-01-01T00:00:00Z' };
    const changed = await app.api('PATCH', path, { token: owner.token, body: change });
    expect(await changed.json()).toEqual({
      ...created,
      ...change,
      amount_usd: '0.50',
      until: '2100-01-01T00:00:00.000Z',
    });
    expect((await app.api('DELETE', path, { token: owner.token })).status).toBe(204);
    expect(await list()).toEqual([]);
    const of = (action: string) =>
      toldOf(app, action).filter((line) => JSON.stringify(line).includes(owner.userId));
    for (const action of ['org_limit_created', 'org_limit_changed', 'org_limit_deleted'])
      expect(of(action)).toHaveLength(1);
  });

  it.each([
    [
      { kind: 'rate', scope: 'everyone', per_minute: { requests: 60 } },
      { requests: 60, tokens: null },
    ],
    [
      { kind: 'rate', scope: 'everyone', per_minute: { tokens: 5_000_000 } },
      { requests: null, tokens: 5_000_000 },
    ],
  ])('have rates: %j', async (body, perMinute) => {
    expect(await (await create(body)).json()).toMatchObject({ per_minute: perMinute, amount_usd: null });
  });

  it('have models', async () => {
    const allow = ['claude-haiku-*', 'gpt-5', '*'];
    expect(await (await create({ kind: 'models', scope: 'everyone', allow })).json()).toMatchObject({
      allow,
    });
  });

  const RATE = { kind: 'rate', scope: 'everyone' };
  const MODELS = { kind: 'models', scope: 'everyone' };
  it.each([
    [{ ...SPEND, amount_usd: '-1' }, 'amount_usd', 'invalid_amount'],
    [{ ...SPEND, amount_usd: '1.234' }, 'amount_usd', 'invalid_amount'],
    [{ ...SPEND, amount_usd: 25 }, 'amount_usd', 'invalid_amount'],
    [{ ...SPEND, amount_usd: '1000000.01' }, 'amount_usd', 'invalid_amount'],
    [{ ...SPEND, amount_usd: '1e3' }, 'amount_usd', 'invalid_amount'],
    [{ ...SPEND, amount_usd: undefined }, 'amount_usd', 'required'],
    [{ ...SPEND, period: undefined }, 'period', 'required'],
    [{ ...SPEND, period: 'year' }, 'period', 'not_allowed'],
    [{ ...SPEND, scope: 'person' }, 'scope', 'not_allowed'],
    [{ ...SPEND, kind: 'money' }, 'kind', 'not_allowed'],
    [{ ...SPEND, scope: 'member' }, 'subject_id', 'required'],
    [{ ...SPEND, subject_id: '00000000-0000-4000-8000-000000000000' }, 'subject_id', 'conflicting_field'],
    [{ ...SPEND, scope: 'member', subject_id: 'me' }, 'subject_id', 'invalid_id'],
    [
      { ...SPEND, scope: 'member', subject_id: '00000000-0000-4000-8000-000000000000' },
      'subject_id',
      'unknown_subject',
    ],
    [
      { ...SPEND, scope: 'token', subject_id: '00000000-0000-4000-8000-000000000000' },
      'subject_id',
      'unknown_subject',
    ],
    [{ ...SPEND, until: '2020-01-01T00:00:00Z' }, 'until', 'invalid_time'],
    [{ ...SPEND, until: 'tomorrow' }, 'until', 'invalid_time'],
    [{ ...SPEND, allow: ['*'] }, 'allow', 'conflicting_field'],
    [{ ...SPEND, note: '' }, 'note', 'too_short'],
    [{ ...SPEND, name: 'x' }, 'name', 'unknown_field'],
    [RATE, 'per_minute', 'required'],
    [{ ...RATE, per_minute: {} }, 'per_minute', 'invalid_rate'],
    [{ ...RATE, per_minute: { requests: 0 } }, 'per_minute', 'invalid_rate'],
    [{ ...RATE, per_minute: { requests: 1.5 } }, 'per_minute', 'invalid_rate'],
    [{ ...RATE, per_minute: { seconds: 1 } }, 'per_minute', 'invalid_rate'],
    [{ ...RATE, per_minute: { requests: 1 }, period: 'day' }, 'period', 'conflicting_field'],
    [MODELS, 'allow', 'required'],
    [{ ...MODELS, allow: [] }, 'allow', 'invalid_pattern'],
    [{ ...MODELS, allow: ['a model'] }, 'allow', 'invalid_pattern'],
    [{ ...MODELS, allow: ['claude-haikku-*'] }, 'allow', 'unknown_model'],
  ])('are not created from %j', async (body, field, code) => {
    const response = await create(body);
    const refusal = (await response.json()) as Refusal;
    expect([response.status, refusal.errors[0]]).toMatchObject([400, { field, code }]);
    expect(await list()).toEqual([]);
  });

  it('exist once for a kind, a scope, a subject and a period', async () => {
    const own = { ...SPEND, scope: 'member', subject_id: member.userId };
    for (const body of [SPEND, { ...SPEND, period: 'day' }, own, { ...own, period: 'week' }])
      expect([(await create(body)).status, (await create(body)).status]).toEqual([201, 409]);
    expect(await list()).toHaveLength(4);
    const all = await Promise.all(Array.from({ length: 10 }, () => create({ ...SPEND, scope: 'everyone' })));
    expect(all.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  it('are the business of owners and admins', async () => {
    const { id } = (await (await create(SPEND)).json()) as { id: string };
    const path = `orgs/${owner.org}/limits`;
    const stranger = await app.signUp();
    for (const [who, status] of [
      [member, 403],
      [stranger, 404],
    ] as const) {
      const { token } = who;
      const answers = [
        await app.api('GET', path, { token }),
        await create(SPEND, who),
        await app.api('PATCH', `${path}/${id}`, { token, body: { amount_usd: '1' } }),
        await app.api('DELETE', `${path}/${id}`, { token }),
      ];
      expect(answers.map((answer) => answer.status)).toEqual(Array(4).fill(status));
    }
  });

  it('of another organization are not found', async () => {
    const other = await app.signUp();
    const { id } = (await (await create(SPEND, other, other.org)).json()) as { id: string };
    const path = `orgs/${owner.org}/limits/${id}`;
    const { token } = owner;
    expect((await app.api('PATCH', path, { token, body: { amount_usd: '1' } })).status).toBe(404);
    expect((await app.api('DELETE', path, { token })).status).toBe(404);
    expect(
      await (await app.api('GET', `orgs/${other.org}/limits`, { token: other.token })).json(),
    ).toHaveLength(1);
  });

  it('show each member what applies to them, and to nobody else', async () => {
    await create({ ...SPEND, scope: 'everyone' });
    await create({ ...SPEND, scope: 'member', subject_id: member.userId, amount_usd: '7' });
    await create({ kind: 'models', scope: 'organization', allow: ['claude-*'] });
    const effective = async ({ token }: Person, person?: string) => {
      const query = person === undefined ? '' : `?person=${person}`;
      const answer = await app.api('GET', `orgs/${owner.org}/limits/effective${query}`, { token });
      return answer.status === 200
        ? ((await answer.json()) as { amount_usd: string | null }[])
        : answer.status;
    };
    const ofMember = [
      { kind: 'spend', amount_usd: '7.00', spent_usd: '0', reserved_usd: '0', left_usd: '7' },
      { kind: 'models', allow: ['claude-*'], spent_usd: null, resets_at: null },
    ];
    expect(await effective(member)).toMatchObject(ofMember);
    expect(await effective(owner, member.userId)).toMatchObject(ofMember);
    expect(await effective(owner)).toMatchObject([{ amount_usd: '25.00' }, { kind: 'models' }]);
    expect(await effective(member, owner.userId)).toBe(404);
    expect(await effective(owner, '00000000-0000-4000-8000-000000000000')).toBe(404);
    const second = await app.signUp();
    await join(app, member, second.org, 'developer');
    await create({ ...SPEND, amount_usd: '3' }, second, second.org);
    const mine = await app.api('GET', 'me/limits', { token: member.token });
    const orgs = ((await mine.json()) as { org: string }[]).map(({ org }) => org);
    expect(orgs.sort()).toEqual([owner.org, owner.org, second.org].sort());
  });
});
