import { ServerResponse } from 'node:http';
import {
  answerTo,
  countTokens,
  FakeCall,
  FakeEndpoint,
  parse,
  piecesOf,
  randomHex,
  sendJson,
  sendPieces,
} from './fake-http';

/** The fields of a Messages request that the fake reads. */
interface MessagesRequest {
  model?: string;
  stream?: boolean;
  max_tokens?: number;
  messages?: { role: string; content: string | { type: string; text?: string }[] }[];
  tools?: { name: string }[];
  tool_choice?: { type: string; name?: string };
}

const NOT_JSON = ['invalid_request_error', 'The request body is not valid JSON'] as const;
const UNKNOWN_KEY = { status: 401, type: 'authentication_error', message: 'invalid x-api-key' };

/** The vendor's errors, by the `model` that makes the fake respond with them. */
export const ERROR_MODELS: Record<
  string,
  { status: number; type: string; message: string; headers?: Record<string, string> }
> = {
  'error-400': {
    status: 400,
    type: 'invalid_request_error',
    message: 'messages: at least one message is required',
  },
  'error-401': UNKNOWN_KEY,
  'error-403': {
    status: 403,
    type: 'permission_error',
    message: 'Your API key does not have permission to use this model.',
  },
  'error-404': { status: 404, type: 'not_found_error', message: 'model: error-404' },
  'error-429': {
    status: 429,
    type: 'rate_limit_error',
    message: 'This request would exceed your rate limit.',
    headers: { 'retry-after': '7', 'x-should-retry': 'true' },
  },
  'error-500': { status: 500, type: 'api_error', message: 'Internal server error' },
  'error-529': {
    status: 529,
    type: 'overloaded_error',
    message: 'Overloaded',
    headers: { 'x-should-retry': 'true' },
  },
};

const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5', ...Object.keys(ERROR_MODELS)];

/**
 * Responds like Anthropic's API, closely enough for its SDKs and for Claude Code; the message is always the same. It takes
 * keys of every provider, for the suites that run once for each dialect with Anthropic's paths.
 */
export async function answerAsAnthropic(call: FakeCall, response: ServerResponse): Promise<void> {
  const { 'x-api-key': own, 'x-goog-api-key': google, authorization } = call.headers;
  const key = (own ?? google ?? authorization?.replace(/^Bearer /, '') ?? '').toString();
  const id = `req_fake_${randomHex()}`;
  response.setHeader('request-id', id);
  if (own === undefined) response.setHeader('x-request-id', id); // for the suites that run once for each dialect
  response.setHeader('anthropic-organization-id', 'org-fake');

  if (/^(?:sk-ant-(?!invalid)|sk-(?!ant-)|AIza|own-)./.test(key)) await answerKnown(call, response);
  else sendError(response, UNKNOWN_KEY.status, UNKNOWN_KEY.type, UNKNOWN_KEY.message);
}

async function answerKnown(call: FakeCall, response: ServerResponse): Promise<void> {
  const endpoint = ENDPOINTS[`${call.method} ${call.path.replace(/^(\/v1\/models\/).+/, '$1')}`];
  if (endpoint === undefined) sendError(response, 404, 'not_found_error', `Not found: ${call.path}`);
  else await endpoint(call, response);
}

const ENDPOINTS: Readonly<Record<string, FakeEndpoint>> = {
  'POST /v1/messages': answerMessage,
  'POST /v1/messages/count_tokens': answerCount,
  'GET /v1/models': (_, response) => sendJson(response, 200, modelList()),
  'GET /v1/models/': ({ path }, response) =>
    sendJson(response, 200, modelInfo(path.slice('/v1/models/'.length))),
  'POST /v1/files': ({ body }, response) => sendJson(response, 200, fileInfo(body.length)),
  'POST /v1/messages/batches': (_, response) => sendJson(response, 200, batchInfo()),
};

function answerCount(call: FakeCall, response: ServerResponse): void {
  const parsed = parse(call) as MessagesRequest | undefined;
  if (parsed === undefined) sendError(response, 400, ...NOT_JSON);
  else sendJson(response, 200, { input_tokens: countTokens(parsed.messages) });
}

async function answerMessage(call: FakeCall, response: ServerResponse): Promise<void> {
  const message = parse(call) as MessagesRequest | undefined;
  if (message === undefined) {
    sendError(response, 400, ...NOT_JSON);
    return;
  }
  const error = ERROR_MODELS[message.model ?? ''];
  if (error !== undefined) {
    sendError(response, error.status, error.type, error.message, error.headers);
    return;
  }
  setRateLimitHeaders(response);
  const tool = chosenTool(message);
  const text = answerTo(lastText(message));
  if (message.stream !== true) {
    sendJson(response, 200, {
      ...messageHead(message),
      content: [
        tool === undefined ? { type: 'text', text } : { ...toolUse(tool), input: { query: 'weather' } },
      ],
      stop_reason: tool === undefined ? 'end_turn' : 'tool_use',
      usage: { ...usage(message), output_tokens: 24 },
    });
    return;
  }
  const events = tool === undefined ? textEvents(message, text) : toolEvents(message, tool);
  await sendPieces(response, 'text/event-stream; charset=utf-8', framed(events), call.eventDelayMs);
}

function* framed(events: Iterable<Event>): Generator<string> {
  for (const event of events) yield `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Yields the vendor's events of a text message, in their order, with a ping among them. */
function* textEvents(message: MessagesRequest, text: string): Generator<Event> {
  yield {
    type: 'message_start',
    message: { ...messageHead(message), content: [], stop_reason: null, usage: usage(message) },
  };
  yield { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
  yield { type: 'ping' };
  for (const part of piecesOf(text)) {
    yield { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: part } };
  }
  yield { type: 'content_block_stop', index: 0 };
  yield {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 24 },
  };
  yield { type: 'message_stop' };
}

function* toolEvents(message: MessagesRequest, tool: string): Generator<Event> {
  yield {
    type: 'message_start',
    message: { ...messageHead(message), content: [], stop_reason: null, usage: usage(message) },
  };
  yield { type: 'content_block_start', index: 0, content_block: { ...toolUse(tool), input: {} } };
  yield { type: 'ping' };
  for (const part of ['{"que', 'ry":"wea', 'ther"}']) {
    yield { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: part } };
  }
  yield { type: 'content_block_stop', index: 0 };
  yield {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { output_tokens: 24 },
  };
  yield { type: 'message_stop' };
}

/** Returns the tool to use, if the request requires one. */
function chosenTool({ tools, tool_choice }: MessagesRequest): string | undefined {
  if (tool_choice?.type === 'tool') return tool_choice.name;
  return tool_choice?.type === 'any' ? tools?.[0]?.name : undefined;
}

function toolUse(name: string) {
  return { type: 'tool_use', id: 'toolu_fake', name };
}

function messageHead({ model }: MessagesRequest) {
  return {
    id: `msg_fake_${randomHex()}`,
    type: 'message',
    role: 'assistant',
    model,
    stop_sequence: null,
  };
}

function usage(message: MessagesRequest) {
  const cache = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  return { input_tokens: countTokens(message.messages), output_tokens: 1, ...cache };
}

function lastText({ messages = [] }: MessagesRequest): string {
  const content = messages.at(-1)?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map(({ text = '' }) => text.trim()).findLast((text) => text !== '') ?? '';
}

function modelList() {
  return { data: MODELS.map(modelInfo), has_more: false, first_id: MODELS[0], last_id: MODELS.at(-1) };
}

function modelInfo(id: string) {
  return { type: 'model', id, display_name: id, created_at: '2025-11-24T00:00:00Z' };
}

function fileInfo(size: number) {
  const file = {
    id: 'file_fake',
    type: 'file',
    filename: 'upload',
    mime_type: 'application/octet-stream',
    downloadable: false,
  };
  return { ...file, size_bytes: size, created_at: '2026-11-23T00:00:00Z' };
}

function batchInfo() {
  return {
    id: 'msgbatch_fake',
    type: 'message_batch',
    processing_status: 'in_progress',
    request_counts: { processing: 1, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    created_at: '2026-11-23T00:00:00Z',
    expires_at: '2026-11-24T00:00:00Z',
    results_url: null,
  };
}

function setRateLimitHeaders(response: ServerResponse): void {
  response.setHeader('anthropic-ratelimit-requests-limit', '50');
  response.setHeader('anthropic-ratelimit-requests-remaining', '49');
  response.setHeader('anthropic-ratelimit-requests-reset', '2026-11-23T00:01:00Z');
}

function sendError(
  response: ServerResponse,
  status: number,
  type: string,
  message: string,
  headers = {},
): void {
  const requestId = response.getHeader('request-id');
  sendJson(response, status, { type: 'error', error: { type, message }, request_id: requestId }, headers);
}
