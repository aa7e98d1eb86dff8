import { LedgerRepository } from '../src/metering/ledger.repository';
import { Person, useApp } from './support/app';
import { callRow } from './support/call-rows';
import { Cli } from './support/cli';
import { newMember } from './support/people';

const UNTIL_THEN = ['--from', '2026-11-01', '--to', '2026-11-30', '--time-zone', 'Asia/Tokyo'];
const AT = '2026-11-02T23:30:00.000Z'; // the 3rd in Tokyo

describe('what calls cost, by the tracevault command', () => {
  const app = useApp();
  let ada: Person;
  let member: Person;
  let cli: Cli;
  let tokenId: string;

  const logIn = (person: Person) =>
    cli.writeCredentials({
      server_url: app.url,
      token: person.token,
      email: person.email,
      expires_at: '2099-01-01T00:00:00.000Z',
    });
  const linesOf = (out: string): string[] => out.trimEnd().split('\n');

  beforeAll(async () => {
    ada = await app.signUp();
    member = await newMember(app, ada.org, 'developer');
    const created = await app.api('POST', 'me/proxy-tokens', { token: ada.token, body: { name: 'laptop' } });
    tokenId = ((await created.json()) as { id: string }).id;
    const [{ id: orgId }] = await app.dataSource.query('SELECT id FROM orgs WHERE name = $1', [ada.org]);
    const row = { user_id: ada.userId, org_id: orgId, at: AT };
    await app.app.get(LedgerRepository, { strict: false }).insert([
      callRow({
        ...row,
        ...{ id: 'req_priced', model: 'claude-opus-4-8', proxy_token_id: tokenId, client: 'agent/1.0' },
        ...{ requested_model: 'claude-opus', input_tokens: 12_000, cache_read_tokens: 1_222_567 },
        ...{ output_tokens: 400, thinking_tokens: 100, cost_nano_usd: '681283501', price_id: 'anthropic/x' },
        cost_lines: [
          ['input', 'claude-opus-4-8', 12_000, '5', '1', '60000001'],
          ['cache_read', 'claude-opus-4-8', 1_222_567, '0.5', '1', '611283500'],
          ['web_search', 'claude-opus-4-8', 1, '10', '1', '10000000'],
        ],
      }),
      callRow({ ...row, id: 'req_small', model: 'claude-haiku-4-5', cost_nano_usd: '4123456' }),
      callRow({
        ...row,
        id: 'req_aborted',
        model: 'claude-haiku-4-5',
        usage_state: 'estimated',
        outcome: 'client_aborted',
        cost_nano_usd: '1000000',
        price_id: 'anthropic/y',
      }),
      callRow({
        ...{ ...row, id: 'req_own', at: '2026-10-02T00:00:00.000Z', model: 'gpt-5', cost_nano_usd: '7' },
        price_id: 'override:openai/gpt-5',
        price_facts: { override: ['2026-01-01', 'our con\u001btract', '2026-09-30'] },
      }),
      callRow({
        ...{ ...row, id: 'req_listed', at: '2026-10-02T00:00:00.000Z', model: 'claude-opus-4-8' },
        ...{ cost_nano_usd: '7', price_id: 'anthropic/claude-opus-4-8' },
      }),
      callRow({ ...row, id: 'req_unpriced', model: 'a\u001b[31m-model', input_tokens: 5 }),
      callRow({ ...row, id: 'req_unreadable', model: 'gpt-5', usage_state: 'unreadable' }),
      callRow({ ...row, id: 'req_refused', model: null, usage_state: 'none', status: 529 }),
      callRow({
        ...row,
        id: 'req_of_member',
        model: 'gpt-5',
        user_id: member.userId,
        cost_nano_usd: '2000000000',
      }),
    ]);
  });
  beforeEach(async () => {
    cli = await Cli.inNewHome();
    await logIn(ada);
  });

  it('usage is a table, the dearest first, and says what is not in the cost', async () => {
    const { code, out, err } = await cli.run(['usage', ...UNTIL_THEN]);
    expect(linesOf(out)).toEqual([
      'MODEL             CALLS  INPUT  CACHE READ  CACHE WRITE  OUTPUT       COST',
      'claude-opus-4-8       1    12K       1.22M            0     400      $0.68',
      'claude-haiku-4-5      2      0           0            0       0  $0.00512+',
      'a?[31m-model          1      5           0            0       0    unknown',
      'gpt-5                 1      0           0            0       0    unknown',
      'none                  1      0           0            0       0      $0.00',
      'total                 6    12K       1.22M            0     400     $0.69+',
    ]);
    expect([code, linesOf(err)]).toEqual([
      0,
      [
        'Calls from 2026-11-01 to 2026-11-30 (Asia/Tokyo).',
        '1 call of models without a price: not in the cost.',
        '1 call could not be read: not in the tokens and the cost.',
        '1 call broke off: in it with what is known of them, a floor.',
        'A cost with a + is at least that.',
      ],
    ]);
  });

  it('usage is by up to two groups, with the names of tokens, in days of a time zone', async () => {
    const { out } = await cli.run(['usage', '--by', 'day,token', ...UNTIL_THEN]);
    expect(linesOf(out)).toEqual([
      expect.stringMatching(/^DAY +TOKEN +CALLS/),
      expect.stringMatching(/^2026-11-03 +laptop +1 /),
      expect.stringMatching(/^2026-11-03 +none: a session +5 /),
      expect.stringMatching(/^total +6 /),
    ]);
    const { out: inUtc } = await cli.run([
      'usage',
      '--by',
      'day',
      '--month',
      '2026-11',
      '--time-zone',
      'UTC',
    ]);
    expect(linesOf(inUtc)).toEqual([
      expect.stringMatching(/^DAY +CALLS/),
      expect.stringMatching(/^2026-11-02 +6 .* \$0\.69\+$/),
    ]);
  });

  it('usage of an organization is by person, with their emails; a member sees their own part', async () => {
    const by = ['usage', '--by', 'person', '--org', ada.org, ...UNTIL_THEN];
    expect(linesOf((await cli.run(by)).out).slice(1)).toEqual([
      expect.stringMatching(new RegExp(`^${member.email} +1 .* \\$2\\.00$`)),
      expect.stringMatching(new RegExp(`^${ada.email} +6 `)),
      expect.stringMatching(/^total +7 /),
    ]);
    await logIn(member);
    expect(linesOf((await cli.run(by)).out).slice(1)).toEqual([
      expect.stringMatching(new RegExp(`^${member.email} +1 `)),
    ]);
  });

  it('says so where there are no calls, and what to do', async () => {
    await logIn(await app.signUp());
    expect(await cli.run(['usage', '--month', '2026-11', '--time-zone', 'UTC'])).toEqual({
      code: 0,
      out: 'There are no calls from 2026-11-01 to 2026-11-30 (UTC).\n',
      err: expect.stringContaining('tracevault proxy info'),
    });
    expect((await cli.run(['calls'])).out).toBe('There are no such calls.\n');
  });

  it('is in the time zone of the machine by default', async () => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    const { out } = await cli.run(['usage', '--json']);
    expect(['UTC', timeZone]).toContain((JSON.parse(out) as { time_zone: string }).time_zone);
  });

  it('is exact as JSON', async () => {
    const usage = JSON.parse((await cli.run(['usage', '--json', '--by', 'provider', ...UNTIL_THEN])).out);
    expect(usage).toMatchObject({
      currency: 'USD',
      total: { calls: 6, cost_usd: '0.686406957', unpriced_calls: 1 },
      groups: [{ key: { provider: 'anthropic' }, calls: 6 }],
    });
    const list = JSON.parse((await cli.run(['calls', '--json', '--limit', '2', ...UNTIL_THEN])).out);
    expect([list.calls.length, typeof list.next_cursor]).toEqual([2, 'string']);
    const one = JSON.parse((await cli.run(['calls', 'req_priced', '--json'])).out);
    expect(one).toMatchObject({ id: 'req_priced', cost_usd: '0.681283501' });
  });

  it('calls are a table of at most 100 columns, which says what is not known', async () => {
    const { code, out, err } = await cli.run(['calls', ...UNTIL_THEN]);
    expect(linesOf(out)).toEqual([
      'AT                MODEL             INPUT  OUTPUT        COST  ID',
      '2026-11-03 08:30  gpt-5                 0       0  unreadable  req_unreadable',
      '2026-11-03 08:30  a?[31m-model          5       0    no price  req_unpriced',
      '2026-11-03 08:30  claude-haiku-4-5      0       0    $0.00412  req_small',
      '2026-11-03 08:30  messages              0       0   error 529  req_refused',
      '2026-11-03 08:30  claude-opus-4-8   1.23M     400       $0.68  req_priced',
      '2026-11-03 08:30  claude-haiku-4-5      0       0     $0.001+  req_aborted',
    ]);
    expect([code, linesOf(err)]).toEqual([
      0,
      [
        'Times are in Asia/Tokyo. What one cost, line by line: tracevault calls ID',
        '1 call of models without a price: not in the cost.',
        '1 call could not be read: not in the tokens and the cost.',
        '1 call broke off: in it with what is known of them, a floor.',
        'A cost with a + is at least that.',
      ],
    ]);
  });

  it.each([
    [
      ['--model', 'claude-haiku-4-5'],
      ['req_small', 'req_aborted'],
    ],
    [['--usage', 'unreadable'], ['req_unreadable']],
    [['--outcome', 'client_aborted'], ['req_aborted']],
    [['--token', 'laptop'], ['req_priced']],
    [['--provider', 'openai'], []],
  ])('calls are filtered: %j', async (filter, ids) => {
    const { out } = await cli.run(['calls', '--json', ...filter, ...UNTIL_THEN]);
    expect((JSON.parse(out) as { calls: { id: string }[] }).calls.map(({ id }) => id)).toEqual(ids);
  });

  it('calls says that there are more', async () => {
    expect((await cli.run(['calls', '-n', '1', ...UNTIL_THEN])).err).toContain('There are more: --limit');
  });

  it('explains one call line by line, to the digit', async () => {
    const { code, out, err } = await cli.run(['calls', 'req_priced', '--time-zone', 'Asia/Tokyo']);
    expect([code, linesOf(err)]).toEqual([
      0,
      ['The price is that of anthropic/x.', 'Where it is from is not known any more.'],
    ]);
    expect(linesOf(out)).toEqual([
      'Call      req_priced',
      'At        2026-11-03 08:30 Asia/Tokyo, for 0.0 s',
      'To        anthropic, messages',
      'Model     claude-opus-4-8, claude-opus was requested',
      'By        agent/1.0',
      'Outcome   completed, answered with 200',
      'Tokens    1,234,567 in, 400 out, 100 of it thinking (measured)',
      '',
      'FOR         MODEL               NUMBER         USD  TIMES          COST',
      'input       claude-opus-4-8     12,000    5 per 1M      1  $0.060000001',
      'cache read  claude-opus-4-8  1,222,567  0.5 per 1M      1    $0.6112835',
      'web search  claude-opus-4-8          1   10 per 1K      1         $0.01',
      'total                                                      $0.681283501',
    ]);
  });

  it.each([
    [
      'req_own',
      /that of override:openai\/gpt-5\.\nIt applies since 2026-01-01; it is the operator’s own price, from our con\?tract, compared with it on 2026-09-30\.\n$/,
    ],
    ['req_listed', /\.\nIt has no first day; it is from https:\S+, compared with it on \d{4}-\d\d-\d\d\.\n$/],
    ['req_unpriced', /no price for a part of it/],
    ['req_unreadable', /could not be read/],
    ['req_refused', /nothing was billed/],
    ['req_aborted', /the cost is at least that/],
  ])('says of %s where its price is from, or why there is no cost, or no whole one', async (id, words) => {
    const { code, out, err } = await cli.run(['calls', id]);
    expect([code, out, err]).toEqual([0, expect.stringContaining(id), expect.stringMatching(words)]);
  });

  it.each([
    [['usage', '--by', 'colour'], 2, 'There are: day, hour, model'],
    [['usage', '--by', 'day,model,token'], 2, 'up to two different groups'],
    [['usage', '--by', 'day,day'], 2, 'up to two different groups'],
    [['usage', '--by', 'person'], 2, '--org NAME'],
    [['usage', '--month', '2026-13'], 2, 'in the form 2026-11'],
    [['usage', '--from', '2026-02-30'], 1, 'from must be a day'],
    [['usage', '--time-zone', 'Mars/Olympus'], 1, 'must name a time zone'],
    [['usage', '--org', 'no-such'], 1, 'no organization of this name'],
    [['calls', '--limit', '201'], 2, 'from 1 to 200'],
    [['calls', '--limit', 'all'], 2, 'from 1 to 200'],
    [['calls', '--usage', 'free'], 1, 'usage_state must be one of'],
    [['calls', '--token', 'no-such'], 1, 'no such proxy token'],
    [['calls', 'req_of_member'], 1, 'There is no such call'],
    [['calls', '../usage'], 1, 'There is no such call'],
    [['calls', 'a', 'b'], 2, 'too many arguments'],
  ])('%j is refused, and says what would do', async (args, code, words) => {
    const ran = await cli.run(args);
    expect([ran.code, ran.out, ran.err]).toEqual([code, '', expect.stringContaining(words)]);
  });

  it('is in the help and the completion', async () => {
    expect((await cli.run(['usage', '--help'])).out).toContain('tracevault usage --by day,model');
    expect((await cli.run(['calls', '--help'])).out).toContain('tracevault calls req_tv_');
    expect((await cli.run(['completion', 'bash'])).out).toMatch(/'usage'\) words='--by --month /);
  });
});
