import { LedgerRepository } from '../src/metering/ledger.repository';
import { Person, TestApp } from './support/app';
import { callRow } from './support/call-rows';
import { freshDatabase } from './support/database';
import { operate } from './support/operator';
import { newMember } from './support/people';

const GONE = '0a1b2c3d-0000-4000-8000-000000000000';
const NOVEMBER = ['--month', '2026-11', '--time-zone', 'Asia/Tokyo'];

describe('what everybody’s calls cost, for the operator', () => {
  let env: NodeJS.ProcessEnv;
  let ada: Person;
  let bob: Person;

  beforeAll(async () => {
    env = await freshDatabase();
    const app = await TestApp.start({ env });
    ada = await app.signUp(null);
    bob = await newMember(app, (await app.signUp(null)).org, 'developer');
    const orgs = await app.dataSource.query<{ id: string; name: string }[]>('SELECT id, name FROM orgs');
    const row = ({ userId, org }: Person) => ({
      user_id: userId,
      org_id: orgs.find(({ name }) => name === org)!.id,
      at: '2026-11-02T23:30:00.000Z', // the 3rd in Tokyo
    });
    await app.app
      .get(LedgerRepository, { strict: false })
      .insert([
        callRow({ ...row(ada), id: 'a', model: 'claude-opus-4-8', cost_nano_usd: '1000000001' }),
        callRow({ ...row(ada), id: 'b', model: 'no-price', input_tokens: 7 }),
        callRow({ ...row(bob), id: 'c', model: 'gpt-5', provider: 'openai', cost_nano_usd: '2500000000' }),
        callRow({ ...row(bob), id: 'd', user_id: GONE, org_id: null, cost_nano_usd: '1' }),
      ]);
    await app.close(); // the embedded database is open once at a time
  });

  const run = (...args: string[]) => operate(['usage', ...args], env);
  const linesOf = (out: string): string[] => out.trimEnd().split('\n');

  it('is added up by organization, the dearest first, with what is not in the cost', async () => {
    const { code, out, err } = await run(...NOVEMBER);
    expect(linesOf(out)).toEqual([
      expect.stringMatching(/^ORG +CALLS +INPUT .* COST$/),
      expect.stringMatching(new RegExp(`^${bob.org} +1 .* \\$2\\.50$`)),
      expect.stringMatching(new RegExp(`^${ada.org} +2 .* \\$1\\.00\\+$`)),
      expect.stringMatching(/^none +1 .* \$0\.000000001$/),
      expect.stringMatching(/^total +4 .* \$3\.50\+$/),
    ]);
    expect([code, linesOf(err)]).toEqual([
      0,
      [
        'Calls from 2026-11-01 to 2026-11-30 (Asia/Tokyo).',
        '1 call of models without a price: not in the cost.',
        'A cost with a + is at least that.',
      ],
    ]);
  });

  it('is by person, with their emails, and by day in a time zone', async () => {
    const { out } = await run('--by', 'person,day', ...NOVEMBER);
    expect(linesOf(out).slice(1, -1)).toEqual([
      expect.stringContaining('2026-11-03'),
      expect.stringContaining('2026-11-03'),
      expect.stringMatching(/^0a1b2c3d \(deleted\) +2026-11-03 +1 /),
    ]);
    expect(out).toContain(bob.email.slice(0, 17));
  });

  it('is exact as JSON, with ids and names', async () => {
    const { code, out } = await run(
      '--by',
      'person,model',
      '--json',
      '--from',
      '2026-11-01',
      ...['--to', '2026-11-30'],
    );
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      {
        from: '2026-11-01',
        to: '2026-11-30',
        currency: 'USD',
        total: { calls: 4, cost_usd: '3.500000002', unpriced_calls: 1 },
        groups: expect.arrayContaining([
          expect.objectContaining({
            key: { person: ada.userId, model: 'claude-opus-4-8' },
            names: [ada.email, 'claude-opus-4-8'],
            cost_usd: '1.000000001',
          }),
        ]),
      },
    ]);
  });

  it('says that there were no calls', async () => {
    expect(await run('--month', '2020-01', '--time-zone', 'UTC')).toEqual({
      code: 0,
      out: 'There are no calls from 2020-01-01 to 2020-01-31 (UTC).\n',
      err: '',
    });
  });

  it.each([
    [['--by', 'colour'], 'up to two of person, org, model, provider, day'],
    [['--by', 'day,model,org'], 'up to two of'],
    [['--by', 'day,day'], 'up to two of'],
    [['--month', '2026-13'], 'a month in the form 2026-11'],
    [['--month', '2026-11', '--to', '2026-11-02'], 'cannot be used with'],
    [['--from', '2026-02-30'], 'a day in the form 2026-11-28'],
    [['--from', '2026-03-02', '--to', '2026-03-01'], '--from must not be after --to'],
    [['--time-zone', 'Mars/Olympus'], 'the name of a time zone'],
  ])('%j is refused, and says what would do', async (args, words) => {
    expect(await run(...args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(words) });
  });
});
