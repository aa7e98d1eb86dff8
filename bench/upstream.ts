/**
 * The vendor, as far as the benchmark needs it: the model's name in the body controls the response (see job.ts). Environment:
 * PORT; TLS_KEY and TLS_CERT for https; CLOSE=1 closes each connection after its response, so that the next request has to
 * connect again.
 */
import { readFileSync } from 'node:fs';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';

const { PORT, TLS_KEY, TLS_CERT, CLOSE } = process.env;
const MODEL = /"model": ?"bench-([a-z]+)(?:-(\d+))?(?:-(\d+))?"/;
const MESSAGE = JSON.stringify({
  id: 'msg_bench',
  type: 'message',
  role: 'assistant',
  model: 'bench-message',
  content: [{ type: 'text', text: 'About 384,400 kilometres; it changes along its way. '.repeat(6) }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 12, output_tokens: 96 },
});

function serve(request: IncomingMessage, response: ServerResponse): void {
  let beginning = '';
  request.on('data', (chunk: Buffer) => {
    if (beginning.length < 1024) beginning += chunk.toString('latin1', 0, 1024);
  });
  request.on('end', () => {
    const [, what, first, second] = MODEL.exec(beginning) ?? [];
    if (CLOSE === '1') response.setHeader('connection', 'close');
    response.setHeader('request-id', 'req_bench');
    if (what === 'stream') stream(response, Number(first));
    else if (what === 'hold') beginStream(response).write(event(0));
    else if (what === 'download') download(response, Number(first), Number(second));
    else answer(response);
  });
}

function answer(response: ServerResponse): void {
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': MESSAGE.length })
    .end(MESSAGE);
}

function beginStream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
}

/** Streams events until the client disconnects. */
function stream(response: ServerResponse, perSecond: number): void {
  beginStream(response).write(event(0));
  const timer = setInterval(() => response.write(event(1)), 1000 / perSecond);
  response.once('close', () => clearInterval(timer));
}

/** Sends a body as fast as the client reads it, in writes of `chunkBytes`. */
function download(response: ServerResponse, chunkBytes: number, bytes: number): void {
  beginStream(response);
  const data = `event: content_block_delta\ndata: {"text":"${'a'.repeat(Math.max(0, chunkBytes - 50))}`;
  const chunk = Buffer.from(data.slice(0, chunkBytes - 4).padEnd(chunkBytes - 4, 'a') + '"}\n\n');
  let left = Math.ceil(bytes / chunkBytes);
  const write = (): void => {
    while (left > 0) {
      left -= 1;
      if (!response.write(chunk)) {
        response.once('drain', write);
        return;
      }
    }
    response.end();
  };
  write();
}

function event(index: number): string {
  const delta = `{"type":"content_block_delta","index":${index},"sent_ns":"${process.hrtime.bigint()}","delta":{"type":"text_delta","text":" and then"}}`;
  return `event: content_block_delta\ndata: ${delta}\n\n`;
}

const server =
  TLS_KEY === undefined || TLS_CERT === undefined
    ? createServer(serve)
    : createHttpsServer({ key: readFileSync(TLS_KEY), cert: readFileSync(TLS_CERT) }, serve);
server.keepAliveTimeout = 600_000;
server.listen(Number(PORT), '127.0.0.1', () => process.send?.('ready'));
