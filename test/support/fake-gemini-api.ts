import { ServerResponse } from 'node:http';
import {
  answerTo,
  countTokens,
  FakeCall,
  parse,
  piecesOf,
  randomHex,
  sendJson,
  sendPieces,
} from './fake-http';

/** The fields of a request for content that the fake reads. */
interface ContentRequest {
  readonly contents?: readonly Content[];
}

interface Content {
  readonly role?: string;
  readonly parts?: readonly { readonly text?: string }[];
}

interface GoogleError {
  readonly code: number;
  readonly status: string;
  readonly message: string;
  readonly details?: readonly object[];
}

const GOOGLE_TYPE = 'type.googleapis.com/google.rpc';

const UNKNOWN_KEY: GoogleError = {
  code: 400,
  message: 'API key not valid. Please pass a valid API key.',
  status: 'INVALID_ARGUMENT',
  details: [
    {
      '@type': `${GOOGLE_TYPE}.ErrorInfo`,
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    },
  ],
};

const NO_KEY: GoogleError = {
  code: 403,
  message:
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
  status: 'PERMISSION_DENIED',
};

/** Google's errors, by the model that makes the fake respond with them. */
export const GEMINI_ERROR_MODELS: Readonly<Record<string, GoogleError>> = {
  'error-400': {
    code: 400,
    message: '* GenerateContentRequest.contents: contents is not specified\n',
    status: 'INVALID_ARGUMENT',
  },
  'error-401': {
    code: 401,
    message: 'Request had invalid authentication credentials.',
    status: 'UNAUTHENTICATED',
  },
  'error-403': {
    code: 403,
    message: 'The caller does not have permission',
    status: 'PERMISSION_DENIED',
  },
  'error-404': {
    code: 404,
    message: 'models/error-404 is not found for API version v1beta, or is not supported for generateContent.',
    status: 'NOT_FOUND',
  },
  'error-429': {
    code: 429,
    message: 'You exceeded your current quota, please check your plan and billing details.',
    status: 'RESOURCE_EXHAUSTED',
    details: [{ '@type': `${GOOGLE_TYPE}.RetryInfo`, retryDelay: '7s' }],
  },
  'error-500': { code: 500, message: 'An internal error has occurred.', status: 'INTERNAL' },
  'error-503': {
    code: 503,
    message: 'The model is overloaded. Please try again later.',
    status: 'UNAVAILABLE',
  },
};

const MODELS = ['gemini-2.5-pro', 'gemini-2.5-flash', ...Object.keys(GEMINI_ERROR_MODELS)];

/** Responds like Google's Gemini API, closely enough for its SDKs and for the Gemini CLI; the text is always the same. */
export async function answerAsGemini(call: FakeCall, response: ServerResponse): Promise<void> {
  response.setHeader('server-timing', 'gfet4t7; dur=7');
  const key = call.headers['x-goog-api-key']?.toString() ?? call.query.get('key') ?? '';
  if (key === '') sendError(response, NO_KEY);
  else if (/^(?:AIza(?!-?invalid)|own-)./.test(key)) await answerKnown(call, response);
  else sendError(response, UNKNOWN_KEY);
}

async function answerKnown(call: FakeCall, response: ServerResponse): Promise<void> {
  const [, model, action] = /^\/v1(?:beta|alpha)?\/models(?:\/([^:]+))?(?::(\w+))?$/.exec(call.path) ?? [];
  if (call.method === 'POST' && model !== undefined && action !== undefined) {
    await answerAction(call, response, model, action);
  } else if (call.method === 'GET' && model !== undefined) {
    sendJson(response, 200, modelInfo(model));
  } else if (call.method === 'GET' && call.path.endsWith('/models')) {
    sendJson(response, 200, { models: MODELS.map(modelInfo) });
  } else {
    sendError(response, NOT_FOUND);
  }
}

async function answerAction(
  call: FakeCall,
  response: ServerResponse,
  model: string,
  action: string,
): Promise<void> {
  const request = parse(call) as ContentRequest | undefined;
  const answer = ACTIONS[action];
  const asArray = action === 'streamGenerateContent' && call.query.get('alt') !== 'sse';
  const error = GEMINI_ERROR_MODELS[model];
  if (request === undefined) sendError(response, NOT_JSON, asArray);
  else if (error !== undefined) sendError(response, error, asArray);
  else if (answer === undefined) sendError(response, NOT_FOUND);
  else await answer(request, model, response, call);
}

type GeminiAnswer = (
  request: ContentRequest,
  model: string,
  response: ServerResponse,
  call: FakeCall,
) => void | Promise<void>;

const ACTIONS: Readonly<Record<string, GeminiAnswer>> = {
  generateContent: (request, model, response) => sendJson(response, 200, wholeOf(request, model), JSON_TYPE),
  streamGenerateContent: async (request, model, response, { query, eventDelayMs }) => {
    const answers = partsOf(request, model);
    if (query.get('alt') === 'sse')
      await sendPieces(response, 'text/event-stream', inEvents(answers), eventDelayMs);
    else await sendPieces(response, JSON_TYPE['content-type'], inArray(answers), eventDelayMs);
  },
  countTokens: ({ contents }, _model, response) =>
    sendJson(response, 200, { totalTokens: countTokens(contents) }, JSON_TYPE),
};

const JSON_TYPE = { 'content-type': 'application/json; charset=UTF-8' };

const NOT_JSON: GoogleError = {
  code: 400,
  message: 'Invalid JSON payload received. Unexpected token.',
  status: 'INVALID_ARGUMENT',
};

const NOT_FOUND: GoogleError = {
  code: 404,
  message: 'Requested entity was not found.',
  status: 'NOT_FOUND',
};

function* inEvents(answers: Iterable<object>): Generator<string> {
  for (const answer of answers) yield `data: ${JSON.stringify(answer)}\r\n\r\n`;
}

/** Without `alt=sse` Google streams the elements of one JSON array. */
function* inArray(answers: Iterable<object>): Generator<string> {
  let before = '[';
  for (const answer of answers) {
    yield before + JSON.stringify(answer);
    before = ',\r\n';
  }
  yield ']\n';
}

function wholeOf(request: ContentRequest, model: string): object {
  const text = answerTo(lastText(request));
  return { candidates: [candidate(text, 'STOP')], ...facts(request, model) };
}

/** Yields the answers of a stream: each has the usage so far, the last one a reason to finish. */
function* partsOf(request: ContentRequest, model: string): Generator<object> {
  const pieces = piecesOf(answerTo(lastText(request)));
  const same = facts(request, model);
  for (const [index, piece] of pieces.entries()) {
    const reason = index === pieces.length - 1 ? 'STOP' : undefined;
    yield { candidates: [candidate(piece, reason)], ...same };
  }
}

function candidate(text: string, finishReason: string | undefined): object {
  return { content: { parts: [{ text }], role: 'model' }, finishReason, index: 0 };
}

function facts({ contents }: ContentRequest, model: string): object {
  const promptTokenCount = countTokens(contents);
  return {
    usageMetadata: {
      promptTokenCount,
      candidatesTokenCount: 16,
      totalTokenCount: promptTokenCount + 24,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokenCount }],
      thoughtsTokenCount: 8,
    },
    modelVersion: model,
    responseId: `fake${randomHex()}`,
  };
}

function sendError(response: ServerResponse, error: GoogleError, asArray = false): void {
  sendJson(response, error.code, asArray ? [{ error }] : { error }, JSON_TYPE);
}

function modelInfo(id: string) {
  return {
    name: `models/${id}`,
    version: '001',
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  };
}

function lastText({ contents = [] }: ContentRequest): string {
  const parts = contents.at(-1)?.parts ?? [];
  return parts.map(({ text = '' }) => text.trim()).findLast((text) => text !== '') ?? '';
}
