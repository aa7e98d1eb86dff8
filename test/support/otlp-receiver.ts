import { createServer, IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { Span } from '../../src/telemetry/otlp-json';

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A span with its attributes by name, each with its type in OTLP. */
export interface ReceivedSpan extends Omit<Span, 'attributes'> {
  readonly attributes: Readonly<Record<string, Attribute['value']>>;
}

/** A request as it came in. */
export interface ReceivedSpans {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: Readonly<Record<string, Attribute['value']>>;
  readonly spans: readonly ReceivedSpan[];
}

type Behaviour = (response: ServerResponse) => void;

/** Takes everything, as a collector does. */
const TAKE: Behaviour = (response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}');

/** A collector that takes spans by OTLP over HTTP in JSON, and misbehaves as a test says. */
export class OtlpReceiver {
  readonly received: ReceivedSpans[] = [];
  /** How to answer the next requests; those after them are taken. */
  readonly behaviours: Behaviour[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OtlpReceiver> {
    const server = createServer();
    const receiver = new OtlpReceiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const bytes = Buffer.concat(chunks);
        const body = headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
        receiver.received.push({ method, url, headers, ...readSpans(body) });
        const behave = receiver.behaviours.shift() ?? TAKE;
        behave(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get spans(): ReceivedSpan[] {
    return this.received.flatMap(({ spans }) => spans);
  }

  /** Resolves with all requests, once there are as many. */
  async requests(count: number): Promise<ReceivedSpans[]> {
    for (let waited = 0; this.received.length < count; waited += 10) {
      if (waited > 10_000) throw new Error(`There were ${this.received.length} requests, not ${count}`);
      await sleep(10);
    }
    return this.received;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

function readSpans(body: Buffer): Pick<ReceivedSpans, 'resource' | 'spans'> {
  const { resourceSpans } = JSON.parse(body.toString()) as {
    resourceSpans: [{ resource: { attributes: Attribute[] }; scopeSpans: [{ spans: Span[] }] }];
  };
  const [{ resource, scopeSpans }] = resourceSpans;
  return {
    resource: byName(resource.attributes),
    spans: scopeSpans[0].spans.map((span) => ({
      ...span,
      attributes: byName(span.attributes as Attribute[]),
    })),
  };
}

function byName(attributes: readonly Attribute[]): Record<string, Attribute['value']> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
}
