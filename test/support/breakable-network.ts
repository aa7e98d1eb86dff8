import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';

/** A TCP relay in front of a server, which a test can break and fix. */
export class BreakableNetwork {
  private readonly sockets = new Set<Socket>();
  /** The two sockets of each connection, and what its client has sent. */
  private readonly connections: { ends: Socket[]; sent: string; isMuted: boolean }[] = [];
  private isCut = false;

  private constructor(
    private readonly relay: Server,
    private readonly target: URL,
  ) {
    relay.on('connection', (client: Socket) => {
      if (this.isCut) {
        client.resetAndDestroy();
        return;
      }
      const server = connect(Number(target.port), target.hostname);
      const connection = { ends: [client, server], sent: '', isMuted: false };
      for (const socket of connection.ends) {
        this.sockets.add(socket);
        // A reset arrives at the other end, too: pipe() passes on nothing but an orderly end.
        socket.on('error', () => {
          if (!connection.isMuted) for (const end of connection.ends) end.resetAndDestroy();
        });
        socket.once('close', () => this.sockets.delete(socket));
      }
      this.connections.push(connection);
      client.on('data', (data) => (connection.sent += data.toString('latin1')));
      client.pipe(server).pipe(client);
    });
  }

  static async to(url: string): Promise<BreakableNetwork> {
    const relay = createServer();
    const network = new BreakableNetwork(relay, new URL(url));
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    return network;
  }

  /** The target's URL through this relay. */
  get url(): string {
    const url = new URL(this.target);
    url.port = String((this.relay.address() as AddressInfo).port);
    return url.href;
  }

  /** Resets every connection, and every new one until fix(). */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Stops all data on the connections whose client has sent `said`; they stay open. */
  mute(said: string): void {
    for (const connection of this.connections) {
      if (!connection.sent.includes(said)) continue;
      connection.isMuted = true;
      for (const end of connection.ends) end.unpipe().pause();
    }
  }

  /** Resolves in the event loop turn in which a client sends `said`, before any response to it is read. */
  passes(said: string): Promise<void> {
    return new Promise((resolve) => {
      const watch = (data: Buffer): void => {
        if (!data.includes(said)) return;
        for (const socket of this.sockets) socket.off('data', watch);
        resolve();
      };
      for (const socket of this.sockets) socket.on('data', watch);
    });
  }

  /** Resets the muted connections, as TCP does after its retransmissions time out. */
  cutMuted(): void {
    for (const { ends, isMuted } of this.connections)
      if (isMuted) for (const end of ends) end.resetAndDestroy();
  }

  fix(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.relay.close(resolve));
  }
}
