import { CallDetailsDto } from '../src/me/calls.dto';
import { UsageDto } from '../src/me/usage.dto';
import { ANTHROPIC_CASES, BATCH, BATCH_RESULT, RETRIED } from './metering-cases/anthropic';
import { BYTE_CASES, LARGE_RESPONSE } from './metering-cases/bytes';
import { Expected, MeteringCase, nameOf } from './metering-cases/case';
import { FETCHED_AGAIN, FETCHED_ONCE, OTHER_CASES } from './metering-cases/others';
import { MeteredExchange, MeteredServer } from './support/metered-server';

/** Each case with its name, and with that of the session that its call belongs to. */
const CASES = [...ANTHROPIC_CASES, ...OTHER_CASES, ...BYTE_CASES, LARGE_RESPONSE]
  .sort((one, other) => one.number - other.number)
  .map((one, index): [name: string, session: string, MeteringCase] => [nameOf(one), `session ${index}`, one]);

/** An amount of USD in billionths. */
function nano(usd: string): bigint {
  const [whole = '', fraction = ''] = usd.split('.');
  return BigInt(whole + fraction.padEnd(9, '0'));
}

function expectRow(row: CallDetailsDto, { state, tokens, usd, lines, more }: Expected): void {
  expect({
    state: row.usage_state,
    tokens: [
      row.input_tokens,
      row.cache_read_tokens,
      row.cache_write_5m_tokens,
      row.cache_write_1h_tokens,
      row.output_tokens,
    ],
    usd: row.cost_usd,
    lines: row.cost.map((line) => [
      line.category,
      line.model,
      line.quantity,
      line.usd_per_unit,
      line.multiplier,
      line.cost_usd,
    ]),
  }).toEqual({ state, tokens, usd, lines });
  expect(row).toMatchObject(more ?? {});
  const sum = row.cost.reduce((total, line) => total + nano(line.cost_usd), 0n);
  expect(sum).toBe(row.cost_usd === null ? 0n : nano(row.cost_usd));
}

/** Each case of the contract over real sockets: what the upstream sends, and what the API then says that it cost. */
describe('the row of a call is right where other gateways have been wrong', () => {
  let server: MeteredServer;
  const sent = new Map<string, Promise<void>>();

  /** Makes a call, whose bytes are those of the upstream unless the client leaves. */
  async function send(session: string, exchange: MeteredExchange): Promise<void> {
    const got = await server.call(session, exchange);
    const sent = Buffer.concat(exchange.chunks.map((chunk) => Buffer.from(chunk as string)));
    if (exchange.leavesAfter === undefined) expect(got.equals(sent)).toBe(true);
  }

  beforeAll(async () => {
    server = await MeteredServer.start();
    let before: Promise<unknown> = Promise.resolve();
    for (const [, session, { exchange }] of CASES) {
      const now = before.then(() => send(session, exchange));
      sent.set(session, now);
      before = now.catch(() => undefined); // for its own test to tell
    }
  });
  afterAll(() => server.close());

  it.each(CASES)('%s', async (_, session, { expected }) => {
    await sent.get(session);
    const rows = await server.explained(session);
    expect(rows).toHaveLength(1);
    expectRow(rows[0]!, expected);
  });

  it('case 23: an unknown model costs 0: it is counted beside the sums, and never taken for zero', async () => {
    const { groups } = await server.get<UsageDto>('me/usage?group_by=model');
    const unpriced = groups.filter(({ unpriced_calls }) => unpriced_calls > 0);
    expect(unpriced.map(({ key }) => key.model).sort()).toEqual([
      ...['claude-nobody-knows', 'claude-sonnet-5-5', 'gpt-5.9'],
    ]);
    expect(server.process.output.match(/"model":"claude-nobody-knows"[^\n]*have no price/g)).toHaveLength(1);
  });

  it('case 24: a batch at the full price, and again at each download', async () => {
    for (const name of ['batch', 'batch again']) await send(name, BATCH);
    const [again, ...others] = await server.explained('batch again');
    expectRow(again!, { state: 'none', tokens: [0, 0, 0, 0, 0], usd: null, lines: [] });
    expect([again!.endpoint, others]).toEqual(['batches.results', []]);
    const rows = await server.explained('batch', 3);
    const results = rows.filter(({ endpoint }) => endpoint === 'batches.result');
    expect([rows.length, results.length]).toEqual([3, 2]);
    for (const result of results) expectRow(result, BATCH_RESULT);
  });

  it('case 24, OpenAI Responses: a response that is fetched again counted again', async () => {
    const [created, fetched] = FETCHED_AGAIN;
    await send('created', created);
    const [first] = await server.explained('created');
    await send('fetched again', fetched);
    const [again] = await server.explained('fetched again');
    expectRow(first!, FETCHED_ONCE);
    expectRow(again!, { state: 'none', tokens: [0, 0, 0, 0, 0], usd: null, lines: [] });
  });

  it(`case 26: ${RETRIED.mistake}`, async () => {
    for (let tries = 0; tries < 2; tries++) await send('retried', RETRIED.exchange);
    const rows = await server.explained('retried', 2);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
    for (const row of rows) expectRow(row, RETRIED.expected);
  });

  it('adds up: the sums are those of all rows, to the billionth', async () => {
    const { total } = await server.get<UsageDto>('me/usage');
    const { groups } = await server.get<UsageDto>('me/usage?group_by=session');
    const sum = groups.reduce((usd, { cost_usd }) => usd + nano(cost_usd), 0n);
    expect(nano(total.cost_usd)).toBe(sum);
    expect(total.calls).toBe(groups.reduce((calls, group) => calls + group.calls, 0));
    expect(new Set(groups.map(({ key }) => key.session))).toEqual(
      new Set([...sent.keys(), 'batch', 'batch again', 'created', 'fetched again', 'retried']),
    );
  });
});
