import { CallRow } from '../../../src/metering/call-row';
import { LedgerRepository } from '../../../src/metering/ledger.repository';
import { TestApp } from '../../support/app';
import { callRow } from '../../support/call-rows';

const MODELS = ['claude-opus-4-8', 'claude-sonnet-5-5', 'gpt-5.5-codex', 'gemini-3-pro'];
const CLIENTS = ['claude-cli/2.1.330 (external, cli)', 'codex_cli_rs/0.99.0', 'Anthropic/JS 0.90.0', null];
const DAY_MS = 86_400_000;

/** Records calls as the proxy does when they have ended. */
export async function record(
  app: TestApp,
  rows: readonly (Partial<CallRow> & Pick<CallRow, 'id' | 'user_id'>)[],
): Promise<void> {
  await app.app.get(LedgerRepository, { strict: false }).insert(rows.map(callRow));
}

/** Records a month of calls of several models and clients, some of which failed or are not priced. */
export async function recordMonth(app: TestApp, owner: Pick<CallRow, 'user_id' | 'org_id'>): Promise<void> {
  const now = Date.now();
  const rows = Array.from({ length: 240 }, (_, at): Parameters<typeof record>[1][number] => {
    const model = MODELS[at % MODELS.length]!;
    const [input, cached, output] = [
      900 + ((at * 37) % 4000),
      (at * 9173) % 90_000,
      200 + ((at * 61) % 3000),
    ];
    const nano = BigInt(input) * 5000n + BigInt(cached) * 500n + BigInt(output) * 25_000n;
    return {
      ...owner,
      id: `req_tv_month${String(at).padStart(4, '0')}`,
      at: new Date(now - 60_000 - ((at * at) % 30) * DAY_MS - at * 90_000).toISOString(),
      provider: model.startsWith('claude') ? 'anthropic' : model.startsWith('gpt') ? 'openai' : 'gemini',
      model,
      status: at % 17 === 5 ? 529 : 200,
      client: CLIENTS[(at >> 2) % CLIENTS.length] ?? null,
      agent_session_id: `session-${at % 12}`,
      input_tokens: input,
      cache_read_tokens: cached,
      output_tokens: output,
      cost_nano_usd: model === 'gemini-3-pro' ? null : nano.toString(),
      ms: 800 + ((at * 331) % 60_000),
      ms_to_first_byte: 300 + ((at * 7) % 900),
      request_bytes: 40_000 + at,
      response_bytes: 9000 + at,
    };
  });
  await record(app, rows);
}

/** Adds as many calls of one person as are asked for, within this month and each in a place of its own, by the database itself. */
export async function recordMany(app: TestApp, userId: string, orgId: string, count: number): Promise<void> {
  await record(app, [{ id: 'req_tv_many', user_id: userId, org_id: orgId, cost_nano_usd: '1000000' }]);
  await app.dataSource.query(
    `INSERT INTO calls (id, at, user_id, org_id, provider, endpoint, model, status, outcome, usage_state, input_tokens,
        cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, thinking_tokens, web_searches,
        cost_nano_usd, agent_session_id, ms, request_bytes, response_bytes)
     SELECT 'req_tv_many' || n, now() - n * (now() - date_trunc('month', now())) / ($3::int + 1), $1, $2, 'anthropic', 'messages',
        'model-' || n % 9, 200, 'completed', 'measured', 1000, 0, 0, 0, 100, 0, 0, 1000000, 's' || n % 5000, 900, 10, 10
       FROM generate_series(1, $3::int - 1) AS n`,
    [userId, orgId, count],
  );
}
