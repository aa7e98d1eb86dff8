import { ServerResponse } from 'node:http';
import { answerTo, countTokens, piecesOf, randomHex, sendJson, sendPieces, unixTime } from './fake-http';

/** The fields of a Responses request that the fake reads. */
interface ResponsesRequest {
  readonly model?: string;
  readonly stream?: boolean;
  readonly instructions?: string | null;
  readonly input?: string | readonly InputItem[];
}

interface InputItem {
  readonly role?: string;
  readonly content?: string | readonly { readonly text?: string }[];
}

/** Answers `POST /v1/responses` with one message, as JSON or as events. */
export async function answerResponse(
  request: ResponsesRequest,
  response: ServerResponse,
  delay: number,
): Promise<void> {
  const text = answerTo(lastText(request));
  const facts = responseFacts(request);
  if (request.stream !== true) {
    sendJson(response, 200, completed(facts, request, messageItem(`msg_fake_${randomHex()}`, text)));
    return;
  }
  await sendPieces(response, 'text/event-stream; charset=utf-8', framed(events(facts, request, text)), delay);
}

type Event = Readonly<Record<string, unknown>> & { readonly type: string };

/** Numbers the events; unlike a chat's, their stream has no `[DONE]`. */
function* framed(all: Iterable<Event>): Generator<string> {
  let sequence_number = 0;
  for (const event of all) {
    yield `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: sequence_number++ })}\n\n`;
  }
}

function* events(facts: object, request: ResponsesRequest, text: string): Generator<Event> {
  const inProgress = { ...facts, status: 'in_progress', output: [], usage: null };
  const id = `msg_fake_${randomHex()}`;
  const item = messageItem(id, text);
  const place = { item_id: id, output_index: 0, content_index: 0 };
  yield { type: 'response.created', response: inProgress };
  yield { type: 'response.in_progress', response: inProgress };
  yield {
    type: 'response.output_item.added',
    output_index: 0,
    item: { ...item, status: 'in_progress', content: [] },
  };
  yield { type: 'response.content_part.added', ...place, part: textPart('') };
  for (const delta of piecesOf(text)) {
    yield { type: 'response.output_text.delta', ...place, delta, logprobs: [] };
  }
  yield { type: 'response.output_text.done', ...place, text, logprobs: [] };
  yield { type: 'response.content_part.done', ...place, part: textPart(text) };
  yield { type: 'response.output_item.done', output_index: 0, item };
  yield { type: 'response.completed', response: completed(facts, request, item) };
}

function responseFacts({ model, instructions = null }: ResponsesRequest): object {
  return {
    id: `resp_fake_${randomHex()}`,
    object: 'response',
    created_at: unixTime(),
    error: null,
    incomplete_details: null,
    instructions,
    max_output_tokens: null,
    model,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: 'medium', summary: null },
    store: false,
    temperature: 1,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    user: null,
    metadata: {},
  };
}

function completed(facts: object, { input }: ResponsesRequest, item: object): object {
  const input_tokens = countTokens(input);
  const usage = {
    input_tokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 24,
    output_tokens_details: { reasoning_tokens: 8 },
    total_tokens: input_tokens + 24,
  };
  return { ...facts, status: 'completed', output: [item], usage };
}

function messageItem(id: string, text: string): object {
  return { id, type: 'message', status: 'completed', role: 'assistant', content: [textPart(text)] };
}

function textPart(text: string): object {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

function lastText({ input = '' }: ResponsesRequest): string {
  if (typeof input === 'string') return input;
  const content = input.findLast(({ role }) => role === 'user')?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map(({ text = '' }) => text.trim()).findLast((text) => text !== '') ?? '';
}
