import { keepsAlive } from './support/keep-alive';
import { TestApp } from './support/app';
import { openSocket } from './support/raw-http';

const onLinux = process.platform === 'linux' ? describe : describe.skip;
onLinux('a client whose link goes down without a word', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  it('is asked by the system whether it is still there, so that its upstream request does not stay open', async () => {
    const { token } = await app.signUp();
    app.upstream.answerWith((_, response) => {
      response.writeHead(200).flushHeaders(); // and then thinks for minutes
    });
    const socket = await openSocket(app.port);
    socket.write(`GET /proxy/anthropic/v1/silent HTTP/1.1\r\nhost: a\r\nx-api-key: ${token}\r\n\r\n`);
    await app.upstream.arrivalOf('/v1/silent');
    expect(await keepsAlive(app.port, socket.localPort ?? 0)).toBe(true);
    socket.destroy();
  });
});
