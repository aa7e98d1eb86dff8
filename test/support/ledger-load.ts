import { once } from 'node:events';
import { Agent, IncomingMessage, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Clients that call the proxy one call after the other, each on a connection of its own. Each call is a session of its own,
 * by whose name the ledger's row is found.
 */
export class LedgerLoad {
  /** The sessions of the calls that the server is done with: it has answered another one on the same connection. */
  readonly finished = new Set<string>();
  private count = 0;
  private isStopped = false;
  private clients: Promise<void>[] = [];

  constructor(private readonly token: string) {}

  /** Starts clients, which go on until `stop()`. */
  start(url: string, clients: number): void {
    this.isStopped = false;
    this.clients = Array.from({ length: clients }, () => this.client(url));
  }

  /** Resolves when each client's present call has ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.clients);
  }

  private async client(url: string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let before: string | undefined;
    while (!this.isStopped) {
      const session = `call ${(this.count += 1)}`;
      try {
        const isReused = await this.call(url, session, agent);
        if (isReused && before !== undefined) this.finished.add(before); // another connection says nothing about it
        before = session;
      } catch {
        before = undefined;
        await sleep(20); // the server is gone, or about to be
      }
    }
    agent.destroy();
  }

  /** @returns whether the call went over the connection of the one before. */
  private async call(url: string, session: string, agent: Agent): Promise<boolean> {
    const headers = { 'x-api-key': this.token, 'x-session-id': session };
    const sent = httpRequest(`${url}/proxy/anthropic/v1/messages`, { method: 'POST', agent, headers });
    const [response] = (await once(sent.end('{"model":"claude-opus-4-8"}'), 'response')) as [IncomingMessage];
    await response.toArray(); // rejects when it breaks off
    if (response.statusCode !== 200) throw new Error(`Refused: ${String(response.statusCode)}`);
    return sent.reusedSocket;
  }
}
