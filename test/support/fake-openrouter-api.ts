import { ServerResponse } from 'node:http';
import { answerAsAnthropic } from './fake-anthropic-api';
import { bearer, FakeCall, FakeEndpoint, parse, randomHex, sendJson } from './fake-http';
import { OpenAIAnswer, OpenAIRequest } from './fake-openai-api';
import { answerChat } from './fake-openai-chat';
import { answerResponse } from './fake-openai-responses';

interface OpenRouterError {
  readonly code: number;
  readonly message: string;
  readonly metadata?: object;
}

const UNKNOWN_KEY: OpenRouterError = { code: 401, message: 'User not found.' };
const NO_KEY: OpenRouterError = { code: 401, message: 'Missing Authentication header' };

/** OpenRouter's errors, by the `model` that makes the fake respond with them; some are what its provider has said. */
export const OPENROUTER_ERROR_MODELS: Readonly<Record<string, OpenRouterError>> = {
  'error-400': { code: 400, message: 'Input required: specify "prompt" or "messages"' },
  'error-401': UNKNOWN_KEY,
  'error-403': { code: 403, message: 'Key limit exceeded' },
  'error-404': { code: 404, message: 'No endpoints found for error-404.' },
  'error-429': {
    code: 429,
    message: 'Provider returned error',
    metadata: { raw: 'error-429 is temporarily rate-limited upstream.', provider_name: 'Fake' },
  },
  'error-500': { code: 500, message: 'Internal Server Error' },
  'error-503': {
    code: 503,
    message: 'Provider returned error',
    metadata: { raw: 'overloaded', provider_name: 'Fake' },
  },
};

const MODELS = ['openai/gpt-5', 'google/gemini-2.5-pro', ...Object.keys(OPENROUTER_ERROR_MODELS)];

/** Responds like OpenRouter, below its base path `/api`: OpenAI's shapes, and Anthropic's for messages. */
export async function answerAsOpenRouter(call: FakeCall, response: ServerResponse): Promise<void> {
  const path = call.path.slice('/api'.length);
  const key = bearer(call);
  response.setHeader('x-generation-id', `gen-fake-${randomHex()}`);
  if (call.method === 'GET' && path === '/v1/models')
    sendJson(response, 200, { data: MODELS.map(modelInfo) }); // for everybody
  else if (path.startsWith('/v1/messages')) await answerAsAnthropic(messagesCall(call, path), response);
  else if (key === '') sendError(response, NO_KEY);
  else if (!/^(?:sk-or-(?!invalid|v1-invalid)|own-)./.test(key)) sendError(response, UNKNOWN_KEY);
  else await answerKnown({ ...call, path }, response);
}

async function answerKnown(call: FakeCall, response: ServerResponse): Promise<void> {
  const endpoint = ENDPOINTS[`${call.method} ${call.path}`];
  if (endpoint === undefined) sendError(response, { code: 404, message: 'Not Found' });
  else await endpoint(call, response);
}

const ENDPOINTS: Readonly<Record<string, FakeEndpoint>> = {
  'POST /v1/chat/completions': byModel(answerChat),
  'POST /v1/responses': byModel(answerResponse),
  'GET /v1/key': (call, response) => sendJson(response, 200, { data: keyInfo(bearer(call)) }),
};

function byModel(answer: OpenAIAnswer): FakeEndpoint {
  return async (call, response) => {
    const request = parse(call) as OpenAIRequest | undefined;
    const error = OPENROUTER_ERROR_MODELS[request?.model ?? ''];
    if (request === undefined) sendError(response, { code: 400, message: 'Invalid JSON body' });
    else if (error !== undefined) sendError(response, error);
    else await answer(request, response, call.eventDelayMs);
  };
}

/** A call of the endpoint for messages, as Anthropic's fake takes it: a key of OpenRouter is one, and no other is. */
function messagesCall(call: FakeCall, path: string): FakeCall {
  const known = /^sk-or-(?!invalid|v1-invalid)./.test(bearer(call));
  return known ? { ...call, path } : { ...call, path, headers: {} };
}

function sendError(response: ServerResponse, error: OpenRouterError): void {
  sendJson(response, error.code, { error, user_id: null });
}

function modelInfo(id: string) {
  return {
    id,
    name: id,
    created: 1_754_425_777,
    context_length: 400_000,
    pricing: { prompt: '0.00000125', completion: '0.00001' },
  };
}

function keyInfo(key: string) {
  return {
    label: `${key.slice(0, 12)}...${key.slice(-3)}`,
    limit: null,
    limit_remaining: null,
    usage: 0,
    is_free_tier: false,
  };
}
