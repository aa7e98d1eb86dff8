import { ProviderExplorer } from './provider-explorer';

const MODEL = 'gemini-2.5-flash';
const BODY = { contents: [{ role: 'user', parts: [{ text: 'Say hello in five words.' }] }] };

export const GEMINI_EXPLORER: ProviderExplorer = {
  endpoints: [
    {
      method: 'post',
      path: `/v1beta/models/${MODEL}:generateContent`,
      summary: 'Generate content',
      description: 'Any other model takes its place in the path.',
      parameters: [],
      body: BODY,
      answer: {
        description: 'The content',
        example: { candidates: [{ content: { role: 'model', parts: [{ text: 'Hello!' }] } }] },
      },
    },
    {
      method: 'post',
      path: `/v1beta/models/${MODEL}:streamGenerateContent`,
      summary: 'Generate content, as a stream',
      parameters: [{ name: 'alt', in: 'query', schema: { type: 'string', default: 'sse' } }],
      body: BODY,
      answer: { description: 'The events (text/event-stream)', example: { candidates: [] } },
    },
    {
      method: 'get',
      path: '/v1beta/models',
      summary: 'List the models',
      parameters: [{ name: 'pageSize', in: 'query', schema: { type: 'integer', default: 20 } }],
      answer: { description: 'The models', example: { models: [{ name: `models/${MODEL}` }] } },
    },
  ],
  parameters: [],
  examplePaths: { get: `v1beta/models/${MODEL}`, others: `v1beta/models/${MODEL}:countTokens` },
  error: {
    component: 'GoogleError',
    schema: {
      type: 'object',
      description: "Google's own envelope, so that unmodified clients take it down their own error path",
      required: ['error'],
      properties: {
        error: {
          type: 'object',
          required: ['code', 'message', 'status'],
          properties: {
            code: { type: 'integer' },
            message: { type: 'string' },
            status: { type: 'string' },
          },
        },
      },
    },
  },
};
