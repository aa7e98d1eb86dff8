import { keepsAlive } from './support/keep-alive';
import { useAllProviders } from './support/all-providers';
import { DIALECTS_UNDER_TEST } from './support/providers';
import { openSocket } from './support/raw-http';

const onLinux = process.platform === 'linux' ? describe : describe.skip;
onLinux('a client whose link goes down without a word', () => {
  const { app, person } = useAllProviders();

  it.each(DIALECTS_UNDER_TEST)(
    'is asked by the system whether it is still there, so that its request to $name does not stay open',
    async ({ prefix, tokenHeader }) => {
      app.upstream.answerWith((_, response) => {
        response.writeHead(200).flushHeaders(); // and then thinks for minutes
      });
      const arrival = app.upstream.arrivalOf('/v1/silent');
      const socket = await openSocket(app.port);
      const token = tokenHeader(person().token).join(': ');
      socket.write(`GET ${prefix}/v1/silent HTTP/1.1\r\nhost: a\r\n${token}\r\n\r\n`);
      await arrival;
      expect(await keepsAlive(app.port, socket.localPort ?? 0)).toBe(true);
      socket.destroy();
    },
  );
});
