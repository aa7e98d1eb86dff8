import { CallRow } from '../metering/call-row';
import { EMPTY_ROW } from '../../test/support/call-rows';
import { callSpan, sessionTraceId } from './call-span';
import { recordedCall } from './recorded-call';

const ROW: CallRow = {
  ...EMPTY_ROW,
  ...{ id: 'req_tv_1', at: '2026-11-28T12:00:00.123Z', ms: 1_500, user_id: 'u', org_id: 'o' },
  ...{ requested_model: 'claude-opus-4-5', model: 'claude-opus-4-5-20251101', usage_state: 'measured' },
  ...{ input_tokens: 10, cache_read_tokens: 100, cache_write_5m_tokens: 20, cache_write_1h_tokens: 5 },
  ...{ output_tokens: 3, cost_nano_usd: '1234567891', agent_session_id: 's', agent_id: 'a' },
  ...{ message_id: 'msg_1', stop_reason: 'end_turn' },
};
const PLACE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736' };

const spanOf = (row: Partial<CallRow> = {}) => callSpan(recordedCall({ ...ROW, ...row }), PLACE);
const valuesOf = (row: Partial<CallRow> = {}): Record<string, unknown> =>
  Object.fromEntries(
    (spanOf(row).attributes as { key: string; value: unknown }[]).map(({ key, value }) => [key, value]),
  );

describe('the span of a call', () => {
  it('has the names of the semantic conventions, and what the ledger has', () => {
    const { attributes, ...span } = spanOf();
    expect(span).toEqual({
      ...PLACE,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      name: 'chat claude-opus-4-5',
      kind: 3,
      startTimeUnixNano: '1795867200123000000',
      endTimeUnixNano: '1795867201623000000',
    });
    expect(attributes).toEqual([
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
      { key: 'gen_ai.provider.name', value: { stringValue: 'anthropic' } },
      { key: 'gen_ai.conversation.id', value: { stringValue: 's' } },
      { key: 'gen_ai.agent.id', value: { stringValue: 'a' } },
      { key: 'gen_ai.request.model', value: { stringValue: 'claude-opus-4-5' } },
      { key: 'gen_ai.response.model', value: { stringValue: 'claude-opus-4-5-20251101' } },
      { key: 'gen_ai.response.id', value: { stringValue: 'msg_1' } },
      {
        key: 'gen_ai.response.finish_reasons',
        value: { arrayValue: { values: [{ stringValue: 'end_turn' }] } },
      },
      { key: 'gen_ai.usage.input_tokens', value: { intValue: '135' } },
      { key: 'gen_ai.usage.cache_read.input_tokens', value: { intValue: '100' } },
      { key: 'gen_ai.usage.cache_creation.input_tokens', value: { intValue: '25' } },
      { key: 'gen_ai.usage.output_tokens', value: { intValue: '3' } },
      { key: 'http.response.status_code', value: { intValue: '200' } },
      { key: 'user.id', value: { stringValue: 'u' } },
      { key: 'tracevault.org.id', value: { stringValue: 'o' } },
      { key: 'tracevault.call.id', value: { stringValue: 'req_tv_1' } },
      { key: 'tracevault.usage.state', value: { stringValue: 'measured' } },
      { key: 'tracevault.cost.usd', value: { doubleValue: 1.234567891 } },
    ]);
  });

  it('leaves out what is not known, and never shows it as zero', () => {
    const unknown = {
      ...{ requested_model: null, model: null, message_id: null, stop_reason: null, cost_nano_usd: null },
      ...{ agent_session_id: null, agent_id: null, org_id: null, usage_state: 'unreadable' as const },
    };
    expect(spanOf(unknown).name).toBe('chat');
    expect(Object.keys(valuesOf(unknown))).toEqual([
      'gen_ai.operation.name',
      'gen_ai.provider.name',
      'http.response.status_code',
      'user.id',
      'tracevault.call.id',
      'tracevault.usage.state',
    ]);
    expect(valuesOf({ cost_nano_usd: '0' })['tracevault.cost.usd']).toEqual({ doubleValue: 0 });
  });

  it.each<[Partial<CallRow>, string | undefined]>([
    [{}, undefined],
    [{ status: 399 }, undefined],
    [{ status: 429 }, '429'],
    [{ status: 529 }, '529'],
    [{ status: 200, outcome: 'client_aborted' }, 'client_aborted'],
    [{ status: null, outcome: 'upstream_failed' }, 'upstream_failed'],
    [{ status: 401, outcome: 'rejected' }, 'rejected'],
  ])('of %j has the error %s', (row, error) => {
    expect(valuesOf(row)['error.type']).toEqual(error === undefined ? undefined : { stringValue: error });
    expect(spanOf(row).status).toEqual(error === undefined ? undefined : { code: 2 });
  });

  it.each([
    ['gemini', 'generate_content', 'gcp.gemini', 'generate_content'],
    ['openai', 'responses', 'openai', 'chat'],
    ['openrouter', 'chat.completions', 'openrouter', 'chat'],
    ['openai', 'embeddings', 'openai', 'embeddings'],
    ['anthropic', 'count_tokens', 'anthropic', 'count_tokens'],
  ])('of %s’s %s is of %s and of the operation %s', (provider, endpoint, name, operation) => {
    expect(valuesOf({ provider, endpoint })).toMatchObject({
      'gen_ai.provider.name': { stringValue: name },
      'gen_ai.operation.name': { stringValue: operation },
    });
  });

  it('is in the trace of its session, which is one person’s in one organization', () => {
    const ids = [
      sessionTraceId('u', 'o', 's'),
      sessionTraceId('u', 'o', 't'),
      sessionTraceId('u', null, 's'),
      sessionTraceId('v', 'o', 's'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(sessionTraceId('u', 'o', 's')).toBe(ids[0]);
  });
});
