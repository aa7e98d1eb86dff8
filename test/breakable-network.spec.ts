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
  const ends: unknown[] = [];

  beforeEach(async () => {
    ends.length = 0;
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    network = await BreakableNetwork.to(`postgres://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    client = connect(Number(new URL(network.url).port), '127.0.0.1');
    client
      .on('error', ({ code }: NodeJS.ErrnoException) => ends.push(code))
      .on('end', () => ends.push('end'));
    client.write('LISTEN');
    [served] = await accepted;
    await once(served, 'data');
  });
  afterEach(async () => {
    client.destroy();
    await network.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('passes an orderly end on', async () => {
    served.end('the last words');
    expect(String((await once(client, 'data'))[0])).toBe('the last words');
    await once(client, 'close');
    expect(ends).toEqual(['end']);
  });

  it('passes a reset on, which pipe() keeps to itself', async () => {
    served.resetAndDestroy();
    await new Promise((resolve) => client.once('close', resolve));
    expect(ends).toEqual(['ECONNRESET']);
  });

  it('passes nothing on once it is muted, until it is cut', async () => {
    network.mute('LISTEN');
    served.resetAndDestroy();
    await sleep(100);
    expect(ends).toEqual([]);
    network.cutMuted();
    await new Promise((resolve) => client.once('close', resolve));
    expect(ends).toEqual(['ECONNRESET']);
  });
});
