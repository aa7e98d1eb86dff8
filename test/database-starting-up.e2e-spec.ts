import { AddressInfo, createServer, Server, Socket } from 'node:net';
import { runBuilt, TestProcess } from './support/process';

/** PostgreSQL's ErrorResponse. */
function refusal(code: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mnot now\0\0`);
  const head = Buffer.alloc(5, 'E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

describe('a database that is not there yet is waited for when a connection to it', () => {
  let database: Server;
  let server: TestProcess | undefined;

  afterEach(() => {
    server?.child.kill('SIGKILL');
    database.close();
  });

  it.each<[string, (socket: Socket) => void]>([
    ['is accepted and closed', (socket) => socket.end()],
    ['is accepted and reset', (socket) => socket.resetAndDestroy()],
    ['is accepted and left without an answer', () => undefined],
    ['finds no place', (socket) => socket.once('data', () => socket.end(refusal('53300')))],
    ['comes while it shuts down', (socket) => socket.once('data', () => socket.end(refusal('57P01')))],
  ])('%s', async (_, behave) => {
    database = createServer((socket) => {
      socket.on('error', () => undefined);
      behave(socket);
    });
    await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve));
    const { port } = database.address() as AddressInfo;
    server = runBuilt('src/main.js', {
      DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none`,
      TRACEVAULT_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    });
    await server.says(/Unable to connect to the database.*Retrying/);
    expect(server.child.exitCode).toBeNull();
    expect(server.errors).toBe('');
  });
});
