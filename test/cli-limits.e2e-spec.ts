import { LedgerRepository } from '../src/metering/ledger.repository';
import { Person, useApp } from './support/app';
import { callRow } from './support/call-rows';
import { Cli } from './support/cli';
import { newMember } from './support/people';

const NANO = 1_000_000_000;
const AGAIN = /\d{4}-\d\d-01$/;

describe('the limits of a person, by the tracevault command', () => {
  const app = useApp();
  let owner: Person;
  let member: Person;
  let cli: Cli;
  let calls = 0;

  beforeAll(async () => {
    owner = await app.signUp();
    member = await newMember(app, owner.org, 'developer');
    cli = await Cli.inNewHome();
  });
  beforeEach(async () => {
    for (const table of ['limits', 'spend_daily']) await app.dataSource.query(`DELETE FROM ${table}`);
    app.invalidateAuthCache(); // the membership was inserted and the limits were deleted past the server
    await logIn('2099-01-01T00:00:00.000Z');
  });

  const logIn = (expires_at: string, server_url = app.url): Promise<void> =>
    cli.writeCredentials({ server_url, token: member.token, email: member.email, expires_at });
  const limit = async (body: object): Promise<void> => {
    const path = `orgs/${owner.org}/limits`;
    expect((await app.api('POST', path, { token: owner.token, body })).status).toBe(201);
  };
  const spend = (amount_usd: string | null, more: object = {}): Promise<void> =>
    limit({ kind: 'spend', scope: 'everyone', period: 'month', amount_usd, ...more });
  /** Writes a call of the member into the ledger. */
  const spent = async (usd: number, more: object = {}): Promise<void> => {
    const [{ id: orgId }] = await app.dataSource.query('SELECT id FROM orgs WHERE name = $1', [owner.org]);
    const row = { id: `req_${(calls += 1)}`, user_id: member.userId, org_id: orgId };
    const cost = { key_source: 'organization' as const, cost_nano_usd: String(Math.round(usd * NANO)) };
    await app.app.get(LedgerRepository, { strict: false }).insert([callRow({ ...row, ...cost, ...more })]);
  };
  const run = async (...args: string[]) => {
    const { code, out, err } = await cli.run(args);
    return { code, lines: out.trimEnd().split('\n'), warnings: err.split('\n').filter(isWarning) };
  };
  const isWarning = (line: string): boolean => line.startsWith('Warning: ');
  const COMMANDS = [['proxy', 'check'], ['proxy', 'info'], ['usage']];

  describe.each(COMMANDS)('%s %s', (...words) => {
    const command = words.filter((word) => word !== undefined);

    it('shows what is spent, reserved and left of each, and when it begins again', async () => {
      const created = await app.api('POST', 'me/proxy-tokens', { token: member.token, body: { name: 'ci' } });
      const { id } = (await created.json()) as { id: string };
      await spend('25.00');
      await spend('2000', { scope: 'organization' });
      await spend('5', { scope: 'token', subject_id: id });
      await spend(null, { scope: 'member', subject_id: member.userId, period: 'day' });
      await limit({ kind: 'rate', scope: 'everyone', per_minute: { requests: 60, tokens: 200_000 } });
      await limit({ kind: 'models', scope: 'organization', allow: ['claude-haiku-*', 'gpt-5'] });
      await spent(12.345678901);
      const { code, lines, warnings } = await run(...command);
      expect([code, warnings]).toEqual([0, []]);
      const at = lines.findIndex((line) => line.startsWith('LIMITS OF'));
      const org = owner.org.slice(0, 10);
      expect(lines[at - 1]).toBe('');
      expect(lines.slice(at).map((line) => line.split(/ {2,}/))).toEqual([
        ['LIMITS OF', 'FOR', 'LIMIT', 'SPENT', 'RESERVED', 'LEFT', 'AGAIN (UTC)'],
        [`${org}…`, 'you', '$25.00 a month', '$12.35', '$0.00', '$12.65', expect.stringMatching(AGAIN)],
        [`${org}…`, 'all together', '$2,000.00 a month', '$12.35', '$0.00', '$1,987.65', expect.anything()],
        [`${org}…`, 'you', 'none', '$12.35', '$0.00', 'unlimited', expect.any(String)],
        [`${org}…`, `token ${id.slice(0, 8)}`, '$5.00 a month', '$0.00', '$0.00', '$5.00', expect.anything()],
        [`${owner.org}, you: at most 60 requests and 200,000 tokens a minute`],
        [`${owner.org}, all together: only the models claude-haiku-*, gpt-5`],
      ]);
      for (const line of lines.slice(at, at + 5)) expect(line.length).toBeLessThanOrEqual(100);
    });

    it.each([
      [18.74, []],
      [
        18.75,
        [/^Warning: At least 75 % of your limit in org-\w+ of \$25\.00 a month is spent\. .*\(\$6\.25\)/],
      ],
      [
        24,
        [
          /^Warning: At least 95 % of your limit .* what is left \(\$1\.00\) are refused until \d.*-01 00:00 UTC\.$/,
        ],
      ],
      [
        25,
        [
          /^Warning: your limit in .* of \$25\.00 a month is spent\. Calls .* until .* UTC\. Ask an owner or admin of /,
        ],
      ],
    ])('warns of $25.00 when $%d are spent: %j', async (usd, expected) => {
      await spend('25.00');
      await spent(usd);
      expect((await run(...command)).warnings).toEqual(expected.map((words) => expect.stringMatching(words)));
    });

    it('has words for a limit that blocks', async () => {
      await spend('0');
      const { lines, warnings } = await run(...command);
      expect(lines.join('\n')).toMatch(/you +\$0\.00 a month +\$0\.00 +\$0\.00 +blocked/);
      expect(warnings).toEqual([
        `Warning: your limit in ${owner.org} blocks every call that costs something. Ask an owner or admin of ${owner.org}.`,
      ]);
    });

    it('shows none where there are none', async () => {
      const { lines, warnings } = await run(...command);
      expect([lines.join('\n').includes('LIMITS OF'), warnings]).toEqual([false, []]);
    });

    it('as JSON has them exact', async () => {
      await spend('25.00');
      await spent(24.000000001);
      const { limits } = JSON.parse((await run(...command, '--json')).lines.join('\n')) as {
        limits: object[];
      };
      expect(limits).toMatchObject([
        { org: owner.org, spent_usd: '24.000000001', left_usd: '0.999999999', warning_percent: 95 },
      ]);
    });
  });

  it('are those of one organization with --org', async () => {
    await spend('25.00');
    expect((await run('usage', '--org', owner.org)).lines.join('\n')).toContain('LIMITS OF');
    const other = await app.signUp();
    await app.dataSource.query(
      `INSERT INTO user_org_memberships (user_id, org_id, role) SELECT $1, id, 'developer' FROM orgs WHERE name = $2`,
      [member.userId, other.org],
    );
    app.invalidateAuthCache();
    expect((await run('usage', '--org', other.org)).lines.join('\n')).not.toContain('LIMITS OF');
  });

  it('are not what proxy info is for: it goes on without them', async () => {
    await spend('25.00');
    await logIn('2099-01-01T00:00:00.000Z', 'http://127.0.0.1:1');
    const alone = await cli.run(['proxy', 'info']);
    expect([alone.code, alone.err]).toEqual([0, '']);
    expect(alone.out).toContain('http://127.0.0.1:1/proxy/anthropic');
    const json = await cli.run(['proxy', 'info', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ limits: null });
    await logIn('2020-01-01T00:00:00.000Z');
    expect((await cli.run(['proxy', 'info'])).out).not.toContain('LIMITS OF');
    await logIn('2099-01-01T00:00:00.000Z');
    const recipe = await cli.run(['proxy', 'info', '--client', 'codex']);
    expect(recipe.out).not.toContain('LIMITS OF');
  });
});
