import { ProviderExplorer } from './provider-explorer';

const MODEL = 'gpt-5';

export const OPENAI_EXPLORER: ProviderExplorer = {
  endpoints: [
    {
      method: 'post',
      path: '/v1/responses',
      summary: 'Create a response',
      parameters: [],
      body: { model: MODEL, input: 'Say hello in five words.' },
      answer: {
        description: 'The response, or its events (text/event-stream)',
        example: { id: 'resp_01', object: 'response', status: 'completed', model: MODEL, output: [] },
      },
    },
    {
      method: 'post',
      path: '/v1/chat/completions',
      summary: 'Create a chat completion',
      parameters: [],
      body: { model: MODEL, messages: [{ role: 'user', content: 'Say hello in five words.' }] },
      answer: {
        description: 'The completion, or its events (text/event-stream)',
        example: { id: 'chatcmpl_01', object: 'chat.completion', model: MODEL, choices: [] },
      },
    },
    {
      method: 'get',
      path: '/v1/models',
      summary: 'List the models',
      parameters: [],
      answer: {
        description: 'The models',
        example: { object: 'list', data: [{ id: MODEL, object: 'model' }] },
      },
    },
  ],
  parameters: [],
  examplePaths: { get: `v1/models/${MODEL}`, others: 'v1/embeddings' },
  error: {
    component: 'OpenAIError',
    schema: {
      type: 'object',
      description: "OpenAI's own envelope, so that unmodified clients take it down their own error path",
      required: ['error'],
      properties: {
        error: {
          type: 'object',
          required: ['message', 'type', 'param', 'code'],
          properties: {
            message: { type: 'string' },
            type: { type: 'string' },
            param: { type: 'string', nullable: true },
            code: { type: 'string', nullable: true },
          },
        },
      },
    },
  },
};
