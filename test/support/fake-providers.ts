import { IncomingMessage, ServerResponse } from 'node:http';
import { answerAsAnthropic } from './fake-anthropic-api';
import { answerAsGemini } from './fake-gemini-api';
import { FakeCall, FakeEndpoint, readCall } from './fake-http';
import { answerAsOpenAI } from './fake-openai-api';
import { answerAsOpenRouter } from './fake-openrouter-api';

/** Responds like the provider whose path is called: one upstream stands for all of them. */
export async function answerAsProvider(
  request: IncomingMessage,
  response: ServerResponse,
  eventDelayMs: number,
): Promise<void> {
  const call = await readCall(request, eventDelayMs);
  await apiOf(call)(call, response);
}

/** The paths of OpenRouter and Gemini are their own; Anthropic and OpenAI share some, and differ in the header of the key. */
function apiOf({ method, path, headers }: FakeCall): FakeEndpoint {
  if (method === 'HEAD') return (_, response) => void response.writeHead(200).end();
  if (path.startsWith('/api/')) return answerAsOpenRouter;
  if (path.startsWith('/v1/messages')) return answerAsAnthropic; // also for the suites that run once for each dialect
  if (/^\/(?:upload\/)?v1(?:beta|alpha)\//.test(path) || 'x-goog-api-key' in headers) return answerAsGemini;
  if (/^\/v1\/(?:responses|chat)(?:\/|$)/.test(path) || /^Bearer /.test(headers.authorization ?? ''))
    return answerAsOpenAI;
  return answerAsAnthropic;
}
