import { createHash } from 'node:crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerAsProvider } from './fake-providers';

/** A request as it arrived at the upstream. */
export interface UpstreamRequest {
  readonly method: string;
  /** The raw path and query. */
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  /** Resolves with facts about the body when it is complete; rejects when it was cut off. */
  readonly body: Promise<UpstreamBody>;
  /** Resolves when the exchange has ended; `aborted` if the client disconnected before the response was complete. */
  readonly closed: Promise<{ aborted: boolean; at: number }>;
}

interface UpstreamBody {
  readonly bytes: number;
  readonly sha256: string;
  /** The first MiB of the body. */
  readonly start: Buffer;
}

export type UpstreamHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

const KEPT_BYTES = 1024 * 1024;

/**
 * An upstream on a free local port. By default it responds like a small Anthropic (JSON, events, token counts, models, errors
 * by model name), and below the paths of other providers like those (fake-providers.ts); a test that needs other bytes or
 * failures passes its own handler.
 */
export class FakeAnthropic {
  readonly requests: UpstreamRequest[] = [];
  private readonly awaited: { path: string; resolve: (request: UpstreamRequest) => void }[] = [];
  private handler: UpstreamHandler;
  private readonly defaultHandler: UpstreamHandler;

  private constructor(
    readonly server: Server,
    eventDelayMs: number,
  ) {
    this.defaultHandler = (request, response) => answerAsProvider(request, response, eventDelayMs);
    this.handler = this.defaultHandler;
  }

  static async start({ port = 0, eventDelayMs = 0 } = {}): Promise<FakeAnthropic> {
    const server = createServer({ requestTimeout: 0, maxHeaderSize: 128 * 1024 });
    const fake = new FakeAnthropic(server, eventDelayMs);
    server.on('request', (request, response) => {
      fake.record(recorded(request, response));
      Promise.resolve(fake.handler(request, response)).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private record(request: UpstreamRequest): void {
    this.requests.push(request);
    const index = this.awaited.findIndex(({ path }) => path === request.target);
    if (index >= 0) this.awaited.splice(index, 1)[0]?.resolve(request);
  }

  /** Sets the handler for the following requests. */
  answerWith(handler: UpstreamHandler): void {
    this.handler = handler;
  }

  /** Restores the default handler. */
  answerWithDefault(): void {
    this.handler = this.defaultHandler;
  }

  get last(): UpstreamRequest {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('No request has reached the upstream');
    return last;
  }

  /** Resolves with the n-th request (from 1), as soon as it has arrived. */
  async arrival(count = this.requests.length + 1): Promise<UpstreamRequest> {
    for (let waited = 0; this.requests.length < count; waited += 5) {
      if (waited > 10_000) throw new Error(`Request ${count} never reached the upstream`);
      await sleep(5);
    }
    return this.requests[count - 1] as UpstreamRequest;
  }

  /** Resolves with the next request for this path that no other caller is waiting for. */
  async arrivalOf(path: string): Promise<UpstreamRequest> {
    return new Promise((resolve) => this.awaited.push({ path, resolve }));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function recorded(request: IncomingMessage, response: ServerResponse): UpstreamRequest {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let bytes = 0;
  const body = new Promise<UpstreamBody>((resolve, reject) => {
    // Patches push() rather than adding a listener: every chunk is seen, and the handler alone controls the flow.
    const push = request.push.bind(request);
    request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
      if (chunk !== null) {
        hash.update(chunk);
        if (bytes < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - bytes));
        bytes += chunk.length;
      }
      return push(chunk, encoding);
    };
    request.once('end', () => resolve({ bytes, sha256: hash.digest('hex'), start: Buffer.concat(kept) }));
    request.once('close', () => reject(new Error('The body was cut off')));
  });
  body.catch(() => undefined); // most tests do not await the body
  const closed = new Promise<{ aborted: boolean; at: number }>((resolve) => {
    response.once('close', () => resolve({ aborted: !response.writableFinished, at: performance.now() }));
  });
  const { method = '', url: target = '', rawHeaders, headers } = request;
  return { method, target, rawHeaders, headers, body, closed };
}
