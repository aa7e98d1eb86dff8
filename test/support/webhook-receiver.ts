import { createServer, IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A message as it came in. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly url: string;
  readonly body: string;
}

type Behaviour = (response: ServerResponse) => void;

/** Somebody else's server that takes messages, and misbehaves as a test says. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** How to answer the next messages; those after them are taken with 204. */
  readonly behaviours: Behaviour[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { headers, url = '' } = request;
        receiver.received.push({ headers, url, body: Buffer.concat(chunks).toString() });
        const behave = receiver.behaviours.shift() ?? ((answer) => answer.writeHead(204).end());
        behave(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Resolves with all messages, once there are as many. */
  async messages(count: number): Promise<Received[]> {
    for (let waited = 0; this.received.length < count; waited += 20) {
      if (waited > 10_000) throw new Error(`There were ${this.received.length} messages, not ${count}`);
      await sleep(20);
    }
    return this.received;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
