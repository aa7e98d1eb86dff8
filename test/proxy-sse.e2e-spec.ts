import { once } from 'node:events';
import { IncomingMessage, request as httpRequest, ServerResponse } from 'node:http';
import { Person, useApp } from './support/app';
import { DIALECTS_UNDER_TEST } from './support/providers';

describe.each(DIALECTS_UNDER_TEST)(
  'streams through the proxy from $name',
  ({ provider, paths, tokenHeader }) => {
    const app = useApp({ provider });
    let person: Person;

    beforeAll(async () => {
      person = await app.signUp();
    });

    const asPerson = (): Record<string, string> => Object.fromEntries([tokenHeader(person.token)]);

    /** The client's side of a stream, as soon as its head is there; chunks come as they arrive. */
    async function openStream(): Promise<IncomingMessage> {
      const request = httpRequest(app.proxyUrl + paths.message, { headers: asPerson() });
      request.end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return response;
    }

    /** Hands the upstream's side to the test, after its head has gone out. */
    function upstreamStream(): Promise<ServerResponse> {
      return new Promise((resolve) => {
        app.upstream.answerWith((_request, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
          response.flushHeaders();
          resolve(response);
        });
      });
    }

    async function nextChunk(stream: IncomingMessage): Promise<Buffer> {
      const [chunk] = (await once(stream, 'data')) as [Buffer];
      return chunk;
    }

    it('shows the head before the first chunk exists', async () => {
      const upstream = upstreamStream();
      const client = await openStream();
      expect(client.statusCode).toBe(200);
      expect(client.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      (await upstream).end();
      client.resume();
      await once(client, 'end');
    });

    it('delivers each chunk before the upstream sends the next one', async () => {
      const upstream = upstreamStream();
      const client = await openStream();
      const source = await upstream;
      for (const text of [
        'event: message_start\ndata: {}\n\n',
        ': a comment\n\n',
        'event: ping\ndata: {"type":"ping"}\n\n',
        'x',
      ]) {
        const arrival = nextChunk(client);
        source.write(text);
        expect((await arrival).toString()).toBe(text);
      }
      source.end();
      await once(client, 'end');
    });

    it('keeps chunks identical that are cut inside a character and at each boundary of an event', async () => {
      const upstream = upstreamStream();
      const client = await openStream();
      const source = await upstream;
      const text =
        'event: content_block_delta\r\ndata: {"text":"añ€😀"}\r\n\r\nevent: brand_new\ndata: ?\n\n';
      for (const byte of Buffer.from(text)) {
        const arrival = nextChunk(client);
        source.write(Buffer.from([byte]));
        expect([...(await arrival)]).toEqual([byte]);
      }
      source.end();
      await once(client, 'end');
    });

    it('waits for the status line of the upstream, and passes it on', async () => {
      let release: () => void = () => undefined;
      app.upstream.answerWith((_request, response) => {
        release = () => response.writeHead(529, { 'content-type': 'application/json' }).end('{}');
      });
      const arrived = app.upstream.arrival();
      const request = httpRequest(app.proxyUrl + paths.message, {
        headers: asPerson(),
      }).end();
      const answered = once(request, 'response') as Promise<[IncomingMessage]>;
      await arrived;
      await expect(
        Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 150, 'nothing yet'))]),
      ).resolves.toBe('nothing yet');
      release();
      const [response] = await answered;
      expect(response.statusCode).toBe(529);
      response.resume();
      await once(response, 'end');
    });

    it('sets no time limit on silence, neither on its socket to the client nor on the one to the upstream', async () => {
      const upstream = upstreamStream();
      const client = await openStream();
      const source = await upstream;
      // Time limits are idle timers on sockets: that none is armed holds for five minutes and for five hours.
      const connections = await new Promise<number>((resolve, reject) => {
        app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      });
      expect(connections).toBeGreaterThan(0);
      expect(app.server.timeout).toBe(0);
      const agentSockets = Object.values(app.upstreamAgent.sockets).flatMap((sockets) => sockets ?? []);
      expect(agentSockets).toHaveLength(1);
      agentSockets[0]!.emit('timeout'); // what an idle timer would do
      const arrival = nextChunk(client);
      source.write('still here');
      expect((await arrival).toString()).toBe('still here');
      source.end();
      await once(client, 'end');
    });

    it('adds no header of its own that would make a proxy or a browser buffer or transform the stream', async () => {
      const upstream = upstreamStream();
      const client = await openStream();
      (await upstream).end('done');
      client.resume();
      await once(client, 'end');
      expect(Object.keys(client.headers).sort()).toEqual(
        ['connection', 'content-type', 'date', 'keep-alive', 'transfer-encoding'].sort(),
      );
    });
  },
);
