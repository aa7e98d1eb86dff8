import { PROVIDERS } from '../providers/providers';
import { DIALECTS } from '../providers/dialects';
import { meteredCall } from './metered-call';

const provider = (id: string) => PROVIDERS.find((row) => row.id === id)!;

describe('the endpoint of a call', () => {
  it.each([
    ['anthropic', 'POST', '/v1/messages', 'messages', 'messages'],
    ['anthropic', 'POST', '/v1/messages?beta=true', 'messages', 'messages'],
    ['anthropic', 'GET', '/v1/messages', 'other', 'none'],
    ['anthropic', 'POST', '/v1/messages/count_tokens', 'count_tokens', 'none'],
    ['anthropic', 'POST', '/v1/messages/batches', 'other', 'none'],
    ['anthropic', 'GET', '/v1/messages/batches/msgbatch_1/results', 'batches.results', 'batch_results'],
    ['anthropic', 'GET', '/v1/models', 'other', 'none'],
    ['openai', 'POST', '/v1/responses', 'responses', 'responses'],
    ['openai', 'POST', '/v1/responses/compact', 'responses', 'responses'],
    ['openai', 'GET', '/v1/responses/resp_1?stream=true', 'responses', 'responses'],
    ['openai', 'GET', '/v1/responses/resp_1/input_items', 'other', 'none'],
    ['openai', 'POST', '/v1/responses/input_tokens', 'count_tokens', 'none'],
    ['openai', 'POST', '/v1/chat/completions', 'chat.completions', 'chat_completions'],
    ['openai', 'POST', '/v1/completions', 'completions', 'chat_completions'],
    ['openai', 'POST', '/v1/embeddings', 'embeddings', 'chat_completions'],
    ['openai', 'POST', '/openai/v1/responses', 'responses', 'responses'],
    ['openrouter', 'POST', '/v1/messages', 'messages', 'messages'],
    ['openrouter', 'POST', '/v1/chat/completions', 'chat.completions', 'chat_completions'],
    [
      'gemini',
      'POST',
      '/v1beta/models/g-2:streamGenerateContent?alt=sse',
      'generate_content',
      'generate_content',
    ],
    ['gemini', 'POST', '/v1beta/models/g-2:countTokens', 'count_tokens', 'none'],
    ['gemini', 'POST', '/v1beta/openai/chat/completions', 'chat.completions', 'chat_completions'],
    ['gemini', 'GET', '/v1beta/models/g-2', 'other', 'none'],
  ])('of %s at %s %s is %s', (id, method, path, endpoint, format) => {
    const row = provider(id);
    expect(meteredCall(row, method, row.prefix + path)).toMatchObject({ endpoint, format });
    expect(meteredCall(row, method, `http://host${row.prefix}${path}`)).toMatchObject({ endpoint, format });
  });

  it('takes from the path the model or the batch that it names', () => {
    const gemini = provider('gemini');
    expect(meteredCall(gemini, 'POST', '/proxy/gemini/v1beta/models/g-2%2E5:generateContent').model).toBe(
      'g-2.5',
    );
    expect(meteredCall(gemini, 'POST', '/proxy/gemini/v1beta/models/%zz:generateContent').model).toBe('%zz');
    const { prefix } = provider('anthropic');
    const results = meteredCall(provider('anthropic'), 'GET', `${prefix}/v1/messages/batches/b1/results`);
    expect(results.batchId).toBe('b1');
    const azure = meteredCall(
      provider('openai'),
      'POST',
      '/proxy/openai/openai/deployments/d1/chat/completions?api-version=1',
    );
    expect(azure).toMatchObject({ endpoint: 'chat.completions', model: 'd1' });
  });

  it('says its cost at OpenRouter alone', () => {
    const says = PROVIDERS.filter(
      (row) => meteredCall(row, 'POST', `${row.prefix}/v1/chat/completions`).reportsCost,
    );
    expect(says.map(({ id }) => id)).toEqual(['openrouter']);
  });

  it('of a row of the operator is that of its dialect', () => {
    const key = { called: 'a key', prefix: '', otherKinds: [] };
    const row = DIALECTS.openai({ id: 'own', name: 'Own', origin: 'http://own', key });
    expect(meteredCall(row, 'POST', '/proxy/own/deployments/d/chat/completions').endpoint).toBe(
      'chat.completions',
    );
  });
});
