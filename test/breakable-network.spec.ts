import { once } from 'node:events';
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BreakableNetwork } from './support/breakable-network';

/** The relay that suites break stands for a network: what it swallowed of itself would be taken for the server's failure. */
describe('the relay between a server and its database', () => {
  let server: Server;
  let network: BreakableNetwork;
  let client: Socket;
  let served: Socket;
  let closed: Promise<unknown>;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    network = await BreakableNetwork.to(`postgres://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    client = connect(Number(new URL(network.url).port), '127.0.0.1');
    client.on('error', () => undefined); // how it is told of a reset is the system's choice
    closed = new Promise((resolve) => client.once('close', resolve));
    client.write('LISTEN');
    [served] = await accepted;
    await once(served, 'data');
  });
  afterEach(async () => {
    client.destroy();
    await network.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('passes an orderly end on, behind the last bytes', async () => {
    let got = '';
    client.on('data', (data) => (got += String(data)));
    served.end('the last words');
    await closed;
    expect(got).toBe('the last words');
  });

  it('passes a reset on, which pipe() keeps to itself', async () => {
    client.resume();
    served.resetAndDestroy();
    await closed;
    expect(client.closed).toBe(true);
  });

  it('passes nothing on once it is muted, until it is cut', async () => {
    client.resume();
    network.mute('LISTEN');
    served.resetAndDestroy();
    await sleep(100);
    expect(client.closed).toBe(false);
    network.cutMuted();
    await closed;
  });
});
