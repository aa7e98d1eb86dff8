import { IncomingMessage, request as httpRequest, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Config } from '../config/config';
import { operatorAgent } from '../proxy/outbound-agent';
import { Answered } from './otlp-answer';

/** How much of an answer is read, in bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** How spans are sent. */
interface Way {
  readonly otlp: NonNullable<Config['otlp']>;
  readonly upstream: Config['upstream'];
  readonly stopped: AbortSignal;
}

/**
 * Sends spans to the collector, through the outbound proxy if there is one and the collector is not on this machine. Redirects
 * are not followed.
 * @throws Error when there is no answer in time. It names neither the URL nor the headers, which can hold secrets.
 */
export async function postSpans(body: Buffer, { otlp, upstream, stopped }: Way): Promise<Answered> {
  const options: RequestOptions = {
    method: 'POST',
    agent: operatorAgent(otlp.url, upstream, { keepAlive: false }),
    signal: AbortSignal.any([AbortSignal.timeout(otlp.timeoutMs), stopped]),
    headers: {
      'user-agent': 'tracevault',
      ...Object.fromEntries(
        Object.entries(otlp.headers).map(([name, value]) => [name, value.export().toString('latin1')]),
      ),
      'content-type': 'application/json',
      'content-length': body.length,
      ...(otlp.isCompressed && { 'content-encoding': 'gzip' }),
    },
  };
  const send = new URL(otlp.url).protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    let hasHead = false;
    const request = send(otlp.url, options, (response) => {
      hasHead = true;
      readAnswer(response, resolve);
    });
    request.on('error', (error) => {
      if (!hasHead) reject(error);
    });
    request.end(body);
  });
}

/** Reads the beginning of an answer, and as much of it as comes: with its head it is known what became of the spans. */
function readAnswer(response: IncomingMessage, done: (answer: Answered) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_ANSWER_BYTES) chunks.push(chunk);
    else response.destroy();
  });
  response.on('error', () => undefined);
  response.on('close', () => {
    const { statusCode = 0, headers } = response;
    done({
      status: statusCode,
      retryAfter: headers['retry-after'],
      body: Buffer.concat(chunks).toString('utf8'),
    });
  });
}
