import { ServerResponse } from 'node:http';
import { bearer, FakeCall, FakeEndpoint, parse, randomHex, sendJson, unixTime } from './fake-http';
import { answerChat } from './fake-openai-chat';
import { answerResponse } from './fake-openai-responses';

/** The fields by which a request chooses its answer. */
export interface OpenAIRequest {
  readonly model?: string;
  readonly stream?: boolean;
}

/** Answers a request to a model, as OpenAI and OpenRouter both do. */
export type OpenAIAnswer = (
  request: OpenAIRequest,
  response: ServerResponse,
  eventDelayMs: number,
) => Promise<void>;

interface OpenAIError {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly param?: string;
  readonly code: string | null;
  readonly headers?: Record<string, string>;
}

const UNKNOWN_KEY = { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' };

/** OpenAI's errors, by the `model` that makes the fake respond with them. */
export const OPENAI_ERROR_MODELS: Readonly<Record<string, OpenAIError>> = {
  'error-400': {
    status: 400,
    message: "Unsupported parameter: 'temperature' is not supported with this model.",
    type: 'invalid_request_error',
    param: 'temperature',
    code: 'unsupported_parameter',
  },
  'error-401': { ...UNKNOWN_KEY, message: incorrectKey('sk-unknown-to-the-demo') },
  'error-403': {
    status: 403,
    message: 'Project `proj_fake` does not have access to model `error-403`',
    type: 'invalid_request_error',
    code: 'model_not_found',
  },
  'error-404': {
    status: 404,
    message: 'The model `error-404` does not exist or you do not have access to it.',
    type: 'invalid_request_error',
    code: 'model_not_found',
  },
  'error-429': {
    status: 429,
    message: 'Rate limit reached for error-429 in organization org-fake on requests per min (RPM).',
    type: 'requests',
    code: 'rate_limit_exceeded',
    headers: { 'retry-after': '7', 'retry-after-ms': '7000' },
  },
  'error-500': {
    status: 500,
    message: 'The server had an error while processing your request. Sorry about that!',
    type: 'server_error',
    code: null,
  },
  'error-503': {
    status: 503,
    message: 'Our servers are currently overloaded. Please try again later.',
    type: 'service_unavailable_error',
    code: 'server_is_overloaded',
  },
};

const MODELS = ['gpt-5', 'gpt-5-mini', 'gpt-5-codex', ...Object.keys(OPENAI_ERROR_MODELS)];

/** Responds like OpenAI's API, closely enough for its SDKs and for Codex; the text is always the same. */
export async function answerAsOpenAI(call: FakeCall, response: ServerResponse): Promise<void> {
  setHeaders(response);
  const key = bearer(call);
  if (key === '')
    sendError(response, { ...UNKNOWN_KEY, message: "You didn't provide an API key.", code: null });
  else if (/^(?:sk-(?!invalid|ant-|or-)|own-)./.test(key)) await answerKnown(call, response);
  else sendError(response, { ...UNKNOWN_KEY, message: incorrectKey(key) });
}

async function answerKnown(call: FakeCall, response: ServerResponse): Promise<void> {
  const { method, path } = call;
  const endpoint = ENDPOINTS[`${method} ${path.replace(/^(\/v1\/models\/).+/, '$1')}`];
  if (endpoint !== undefined) await endpoint(call, response);
  else sendError(response, { ...NOT_JSON, status: 404, message: `Invalid URL (${method} ${path})` });
}

const ENDPOINTS: Readonly<Record<string, FakeEndpoint>> = {
  'POST /v1/responses': byModel(answerResponse),
  'POST /v1/chat/completions': byModel(answerChat),
  'GET /v1/models': (_, response) => sendJson(response, 200, { object: 'list', data: MODELS.map(modelInfo) }),
  'GET /v1/models/': ({ path }, response) =>
    sendJson(response, 200, modelInfo(path.slice('/v1/models/'.length))),
  'POST /v1/files': ({ body }, response) => sendJson(response, 200, fileInfo(body.length)),
};

function byModel(answer: OpenAIAnswer): FakeEndpoint {
  return async (call, response) => {
    const request = parse(call) as OpenAIRequest | undefined;
    const error = request === undefined ? NOT_JSON : OPENAI_ERROR_MODELS[request.model ?? ''];
    if (error !== undefined) sendError(response, error);
    else if (request !== undefined) await answer(request, response, call.eventDelayMs);
  };
}

const NOT_JSON: OpenAIError = {
  status: 400,
  message: 'We could not parse the JSON body of your request.',
  type: 'invalid_request_error',
  code: null,
};

/** OpenAI quotes a key that it does not know, without its middle. */
function incorrectKey(key: string): string {
  const hidden = `${key.slice(0, 8)}${'*'.repeat(Math.max(0, key.length - 12))}${key.slice(-4)}`;
  return `Incorrect API key provided: ${hidden}. You can find your API key at https://platform.openai.com/account/api-keys.`;
}

function setHeaders(response: ServerResponse): void {
  response.setHeader('x-request-id', `req_fake_${randomHex()}`);
  response.setHeader('openai-organization', 'org-fake');
  response.setHeader('openai-processing-ms', '7');
  response.setHeader('openai-version', '2020-10-01');
  response.setHeader('x-ratelimit-limit-requests', '500');
  response.setHeader('x-ratelimit-remaining-requests', '499');
  response.setHeader('x-ratelimit-reset-requests', '120ms');
}

function sendError(response: ServerResponse, error: OpenAIError): void {
  const { status, message, type, param = null, code, headers } = error;
  sendJson(response, status, { error: { message, type, param, code } }, headers);
}

function modelInfo(id: string) {
  return { id, object: 'model', created: 1_754_425_777, owned_by: 'system' };
}

function fileInfo(bytes: number) {
  const file = {
    id: 'file-fake',
    object: 'file',
    filename: 'upload',
    purpose: 'user_data',
    status: 'processed',
  };
  return { ...file, bytes, created_at: unixTime() };
}
