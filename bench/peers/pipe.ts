/**
 * The simplest proxy on node:http, as a baseline for ours: no token, no key, no log, no limits, and a request whose client has
 * disconnected continues. Environment: PORT and UPSTREAM.
 */
import { Agent, createServer, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

const upstream = new URL(process.env.UPSTREAM ?? '');
const [send, agent] =
  upstream.protocol === 'https:'
    ? [httpsRequest, new HttpsAgent({ keepAlive: true })]
    : [httpRequest, new Agent({ keepAlive: true })];

const server = createServer((request, response) => {
  const { method, url: path, headers } = request;
  const options = { agent, host: upstream.hostname, port: upstream.port, method, path };
  const outgoing = send({ ...options, headers: { ...headers, host: upstream.host } }, (answer) => {
    delete answer.headers.connection; // a hop-by-hop header of the upstream's connection
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  request.pipe(outgoing);
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'));
