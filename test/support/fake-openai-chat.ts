import { ServerResponse } from 'node:http';
import { answerTo, countTokens, piecesOf, randomHex, sendJson, sendPieces, unixTime } from './fake-http';

/** The fields of a Chat Completions request that the fake reads. */
interface ChatRequest {
  readonly model?: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly messages?: readonly {
    readonly role: string;
    readonly content: string | readonly { readonly text?: string }[];
  }[];
}

/** Answers `POST /v1/chat/completions` with one choice, as JSON or as chunks. */
export async function answerChat(
  request: ChatRequest,
  response: ServerResponse,
  delay: number,
): Promise<void> {
  const content = answerTo(lastText(request));
  const head = { id: `chatcmpl-fake${randomHex()}`, created: unixTime(), model: request.model };
  const tail = { service_tier: 'default', system_fingerprint: 'fp_fake' };
  if (request.stream === true) {
    const chunks = framed(choices(request, content), { ...head, object: 'chat.completion.chunk', ...tail });
    await sendPieces(response, 'text/event-stream; charset=utf-8', chunks, delay);
    return;
  }
  const message = { role: 'assistant', content, refusal: null, annotations: [] };
  const choice = { index: 0, message, logprobs: null, finish_reason: 'stop' };
  sendJson(response, 200, {
    ...head,
    object: 'chat.completion',
    choices: [choice],
    usage: usage(request),
    ...tail,
  });
}

function* framed(parts: Iterable<object>, facts: object): Generator<string> {
  for (const part of parts) yield `data: ${JSON.stringify({ ...facts, ...part })}\n\n`;
  yield 'data: [DONE]\n\n';
}

/** Yields what each chunk adds; the usage comes in a chunk of its own, and only when it is requested. */
function* choices(request: ChatRequest, content: string): Generator<object> {
  const withUsage = request.stream_options?.include_usage === true;
  const noUsage = withUsage ? { usage: null } : {};
  const delta = (value: object, finish_reason: string | null = null): object => ({
    choices: [{ index: 0, delta: value, logprobs: null, finish_reason }],
    ...noUsage,
  });
  yield delta({ role: 'assistant', content: '', refusal: null });
  for (const piece of piecesOf(content)) yield delta({ content: piece });
  yield delta({}, 'stop');
  if (withUsage) yield { choices: [], usage: usage(request) };
}

function usage({ messages }: ChatRequest): object {
  const prompt_tokens = countTokens(messages);
  return {
    prompt_tokens,
    completion_tokens: 24,
    total_tokens: prompt_tokens + 24,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 8,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function lastText({ messages = [] }: ChatRequest): string {
  const content = messages.at(-1)?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map(({ text = '' }) => text.trim()).findLast((text) => text !== '') ?? '';
}
