import { OpenAPIObject } from '@nestjs/swagger';
import { PROXY_PREFIX } from './proxy-route';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options';

const EITHER_CREDENTIAL: Record<string, string[]>[] = [{ 'x-api-key': [] }, { bearer: [] }];
const MODEL = 'claude-opus-5-5';

/** Adds the proxy's endpoints: those that a tester tries most, by name, and the catch-all for every other one. */
export function describeProxy(document: OpenAPIObject): OpenAPIObject {
  const schemas = { ...document.components?.schemas, AnthropicError: anthropicError };
  return {
    ...document,
    components: { ...document.components, schemas },
    paths: { ...document.paths, ...proxyPaths() },
  };
}

function proxyPaths(): OpenAPIObject['paths'] {
  return {
    [`${PROXY_PREFIX}/v1/messages`]: {
      post: operation('Send a message', {
        description:
          'Goes to the vendor as it is; the answer comes back byte for byte, as events when `stream` is true.',
        parameters: [VERSION, BETA],
        requestBody: json({
          model: MODEL,
          max_tokens: 256,
          messages: [{ role: 'user', content: 'Say hello in five words.' }],
        }),
        responses: {
          200: answer('The message, or its events (text/event-stream)', {
            id: 'msg_01',
            type: 'message',
            role: 'assistant',
            model: MODEL,
            content: [{ type: 'text', text: 'Hello, nice to meet you!' }],
            stop_reason: 'end_turn',
            stop_sequence: null,
            usage: { input_tokens: 14, output_tokens: 9 },
          }),
        },
      }),
    },
    [`${PROXY_PREFIX}/v1/messages/count_tokens`]: {
      post: operation('Count the tokens of a message', {
        parameters: [VERSION, BETA],
        requestBody: json({
          model: MODEL,
          messages: [{ role: 'user', content: 'Say hello in five words.' }],
        }),
        responses: { 200: answer('The count', { input_tokens: 14 }) },
      }),
    },
    [`${PROXY_PREFIX}/v1/models`]: {
      get: operation('List the models', {
        parameters: [VERSION, { name: 'limit', in: 'query', schema: { type: 'integer', default: 20 } }],
        responses: {
          200: answer('The models', {
            data: [
              {
                type: 'model',
                id: MODEL,
                display_name: 'Claude Opus 5.5',
                created_at: '2025-11-24T00:00:00Z',
              },
            ],
            has_more: false,
          }),
        },
      }),
    },
    [`${PROXY_PREFIX}/{path}`]: catchAll(),
  };
}

/** OpenAPI has no "any method" and no path of any depth; the explorer leaves the slashes of this parameter alone. */
function catchAll(): PathItem {
  const of = (method: Method): Operation =>
    operation(`Any other endpoint (${method.toUpperCase()})`, {
      description: 'Any method, any path below it, any query: forwarded untouched.',
      parameters: [
        {
          name: 'path',
          in: 'path',
          required: true,
          schema: { type: 'string' },
          example: method === 'get' ? `v1/models/${MODEL}` : 'v1/messages/batches',
        },
        VERSION,
        BETA,
      ],
      ...(['post', 'put', 'patch'].includes(method) && { requestBody: json({}, false) }),
      responses: { 200: { description: "The vendor's answer, whatever it is" } },
    });
  return {
    get: of('get'),
    post: of('post'),
    put: of('put'),
    patch: of('patch'),
    delete: of('delete'),
    head: of('head'),
    options: of('options'),
  };
}

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

function operation(summary: string, rest: Omit<Operation, 'summary' | 'tags' | 'security'>): Operation {
  return {
    tags: ['proxy'],
    summary,
    security: EITHER_CREDENTIAL,
    ...rest,
    responses: { ...rest.responses, ...OWN_ERRORS },
  };
}

function json(example: unknown, required = true): Operation['requestBody'] {
  return { required, content: { 'application/json': { schema: { type: 'object' }, example } } };
}

function answer(description: string, example: unknown) {
  return { description, content: { 'application/json': { schema: { type: 'object' }, example } } };
}

/** The vendor's own errors pass through verbatim beside these. */
const OWN_ERRORS: Operation['responses'] = Object.fromEntries(
  (
    [
      [
        400,
        'api_error',
        'The path holds a ".." segment or says that the base URL is wrong, the target is in absolute form, there are two Host headers, or the method is TRACE',
      ],
      [
        401,
        'authentication_error',
        'No token, or an unknown, expired or ended one; an API key of an organization, or an Anthropic key, in its place; no Anthropic key stored',
      ],
      [413, 'request_too_large', 'The body is larger than 32 MiB (batches: 256 MiB, files: 500 MiB)'],
      [
        429,
        'rate_limit_error',
        'As many requests are open as this server allows one person, or in all; or too many unknown tokens came from the address',
      ],
      [431, 'api_error', 'The request has more than 1,000 headers'],
      [500, 'api_error', "The stored key can't be decrypted, or TraceVault's store is unreachable"],
      [502, 'api_error', 'No answer from the upstream'],
      [503, 'api_error', 'The server is shutting down'],
    ] as const
  ).map(([status, type, message]) => [
    status,
    {
      description: message,
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/AnthropicError' },
          example: { type: 'error', error: { type, message }, request_id: 'req_tv_0123456789abcdef01234567' },
        },
      },
    },
  ]),
);

const anthropicError = {
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
};
