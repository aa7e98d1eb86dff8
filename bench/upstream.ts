/**
 * The vendor, as far as the benchmark needs it: the model's name in the body controls the response (see job.ts). Environment:
 * PORT; TLS_KEY and TLS_CERT for https; CLOSE=1 closes each connection after its response, so that the next request has to
 * connect again.
 */
import { readFileSync } from 'node:fs';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { BEGINNING, ENDING, MESSAGE, STREAMS, textEvent } from './answers';
import { StreamCoding } from './job';

const { PORT, TLS_KEY, TLS_CERT, CLOSE } = process.env;
const MODEL = /"model": ?"bench-([a-z]+)(?:-(identity|gzip))?(?:-(\d+))?(?:-(\d+))?"/;
/** The number of events after which a stream that is held falls silent: enough for all that is needed on the way to be there. */
const EVENTS_BEFORE_SILENCE = 500;

function serve(request: IncomingMessage, response: ServerResponse): void {
  let beginning = '';
  request.on('data', (chunk: Buffer) => {
    if (beginning.length < 1024) beginning += chunk.toString('latin1', 0, 1024);
  });
  request.on('end', () => {
    const [, what, coding, first, second] = MODEL.exec(beginning) ?? [];
    if (CLOSE === '1') response.setHeader('connection', 'close');
    response.setHeader('request-id', 'req_bench');
    if (what === 'stream') stream(response, coding as StreamCoding, Number(first));
    else if (what === 'hold') hold(response, coding as StreamCoding);
    else if (what === 'download') download(response, Number(first), Number(second));
    else answer(response);
  });
}

function answer(response: ServerResponse): void {
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': MESSAGE.length })
    .end(MESSAGE);
}

function beginStream(response: ServerResponse, coding: StreamCoding): ServerResponse {
  if (coding !== 'identity') response.setHeader('content-encoding', coding);
  return response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
}

/** Streams events until the client disconnects. */
function stream(response: ServerResponse, coding: StreamCoding, perSecond: number): void {
  const { beginning, event } = STREAMS[coding];
  beginStream(response, coding).write(beginning);
  const timer = setInterval(() => response.write(event()), 1000 / perSecond);
  response.once('close', () => clearInterval(timer));
}

/** Sends some events, and nothing more until the client disconnects. */
function hold(response: ServerResponse, coding: StreamCoding): void {
  const { beginning, event } = STREAMS[coding];
  const events = Array.from({ length: EVENTS_BEFORE_SILENCE }, event);
  beginStream(response, coding).write(Buffer.concat([beginning, ...events]));
}

/** Sends a stream as fast as the client reads it, in writes of one event of `chunkBytes`. */
function download(response: ServerResponse, chunkBytes: number, bytes: number): void {
  beginStream(response, 'identity').write(BEGINNING);
  const chunk = Buffer.from(textEvent(chunkBytes));
  let left = Math.ceil(bytes / chunkBytes);
  const write = (): void => {
    while (left > 0) {
      left -= 1;
      if (!response.write(chunk)) {
        response.once('drain', write);
        return;
      }
    }
    response.end(ENDING);
  };
  write();
}

const server =
  TLS_KEY === undefined || TLS_CERT === undefined
    ? createServer(serve)
    : createHttpsServer({ key: readFileSync(TLS_KEY), cert: readFileSync(TLS_CERT) }, serve);
server.keepAliveTimeout = 600_000;
server.listen(Number(PORT), '127.0.0.1', () => process.send?.('ready'));
