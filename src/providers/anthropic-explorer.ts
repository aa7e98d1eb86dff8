import { ProviderExplorer } from './provider-explorer';

const MODEL = 'claude-opus-5-5';
const MESSAGES = [{ role: 'user', content: 'Say hello in five words.' }];

const VERSION = {
  name: 'anthropic-version',
  in: 'header',
  required: true,
  schema: { type: 'string', default: '2023-06-01' },
} as const;

const BETA = {
  name: 'anthropic-beta',
  in: 'header',
  description: 'Any anthropic-* and x-claude-code-* header passes.',
  schema: { type: 'string' },
} as const;

export const ANTHROPIC_EXPLORER: ProviderExplorer = {
  endpoints: [
    {
      method: 'post',
      path: '/v1/messages',
      summary: 'Send a message',
      description:
        'Goes to the vendor as it is; the answer comes back byte for byte, as events when `stream` is true.',
      parameters: [VERSION, BETA],
      body: { model: MODEL, max_tokens: 256, messages: MESSAGES },
      answer: {
        description: 'The message, or its events (text/event-stream)',
        example: {
          id: 'msg_01',
          type: 'message',
          role: 'assistant',
          model: MODEL,
          content: [{ type: 'text', text: 'Hello, nice to meet you!' }],
          stop_reason: 'end_turn',
          stop_sequence: null,
          usage: { input_tokens: 14, output_tokens: 9 },
        },
      },
    },
    {
      method: 'post',
      path: '/v1/messages/count_tokens',
      summary: 'Count the tokens of a message',
      parameters: [VERSION, BETA],
      body: { model: MODEL, messages: MESSAGES },
      answer: { description: 'The count', example: { input_tokens: 14 } },
    },
    {
      method: 'get',
      path: '/v1/models',
      summary: 'List the models',
      parameters: [VERSION, { name: 'limit', in: 'query', schema: { type: 'integer', default: 20 } }],
      answer: {
        description: 'The models',
        example: {
          data: [
            {
              type: 'model',
              id: MODEL,
              display_name: 'Claude Opus 5.5',
              created_at: '2025-11-24T00:00:00Z',
            },
          ],
          has_more: false,
        },
      },
    },
  ],
  parameters: [VERSION, BETA],
  examplePaths: { get: `v1/models/${MODEL}`, others: 'v1/messages/batches' },
  error: {
    component: 'AnthropicError',
    schema: {
      type: 'object',
      description: "Anthropic's own envelope, so that unmodified clients take it down their own error path",
      required: ['type', 'error', 'request_id'],
      properties: {
        type: { type: 'string', enum: ['error'] },
        error: {
          type: 'object',
          required: ['type', 'message'],
          properties: { type: { type: 'string' }, message: { type: 'string' } },
        },
        request_id: { type: 'string' },
      },
    },
  },
};
