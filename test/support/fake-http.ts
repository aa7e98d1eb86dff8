import { randomBytes } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request to a fake API, once its body has arrived. */
export interface FakeCall {
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** The pause between two events of a stream, in milliseconds. */
  readonly eventDelayMs: number;
}

/** Sends the answer to a call. */
export type FakeEndpoint = (call: FakeCall, response: ServerResponse) => void | Promise<void>;

export async function readCall(request: IncomingMessage, eventDelayMs: number): Promise<FakeCall> {
  const { method = 'GET', url = '/', headers } = request;
  const [path = '/', query = ''] = url.split('?', 2);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return { method, path, query: new URLSearchParams(query), headers, body, eventDelayMs };
}

/** Returns the body as JSON, or undefined if it is none. */
export function parse({ body }: FakeCall): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Returns the token after `Bearer`, or an empty string. */
export function bearer({ headers: { authorization = '' } }: FakeCall): string {
  return authorization.replace(/^Bearer /, '');
}

export function randomHex(bytes = 8): string {
  return randomBytes(bytes).toString('hex');
}

/** Returns the time in seconds, as OpenAI's objects hold it. */
export function unixTime(): number {
  return Math.floor(Date.now() / 1000);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** Sends a stream piece by piece, with a pause after each, until the client goes away. */
export async function sendPieces(
  response: ServerResponse,
  contentType: string,
  pieces: Iterable<string>,
  delay: number,
): Promise<void> {
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-cache' });
  for (const piece of pieces) {
    if (response.destroyed) return;
    response.write(piece);
    if (delay > 0) await sleep(delay);
  }
  response.end();
}

/** Returns the text of every answer; the fakes differ in how they wrap it. */
export function answerTo(said: string): string {
  return `Hello from the demo upstream. You said: ${said.slice(0, 200)}`;
}

/** Splits a text into the pieces that a stream sends. */
export function piecesOf(text: string): string[] {
  return text.match(/.{1,12}/gsu) ?? [];
}

/** Estimates the number of tokens, at about four characters each. */
export function countTokens(value: unknown): number {
  return Math.max(1, Math.round(JSON.stringify(value ?? []).length / 4));
}
