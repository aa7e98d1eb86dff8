import { spawn, ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyDirectory, freshDatabase } from './support/database';
import { runBuilt, runServer, signUpAt } from './support/process';

/** A name of two addresses. Only the first one is listened on; the second refuses. */
const TWO = `
const dns = require('node:dns');
const { lookup } = dns;
const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
dns.lookup = (host, options, callback) => {
  if (host !== 'two.test') return lookup(host, options, callback);
  process.nextTick(() => options.all ? callback(null, addresses) : callback(null, '127.0.0.1', 4));
};`;

/** An upstream, or an outbound proxy, that answers. */
const SERVER = `
const { createServer } = require('node:http');
const { connect } = require('node:net');
const server = createServer((request, response) => response.end('{}'));
server.on('connect', (request, client) => {
  const onward = connect(Number(request.url.split(':')[1]), '127.0.0.1', () => {
    client.write('HTTP/1.1 200 OK\\r\\n\\r\\n');
    client.pipe(onward).pipe(client);
  });
  for (const end of [client, onward]) end.on('error', () => end.destroy());
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;

/**
 * A far or lossy line: the system sends what begins a connection again after a second, because it was dropped the first
 * time. Here it is dropped because the server stands still and as many wait as may.
 */
const onLinux = process.platform === 'linux' ? describe : describe.skip;
onLinux('an address that takes a second to connect, of a name that has another one which refuses', () => {
  const children: ChildProcess[] = [];
  let preload: string;

  beforeAll(async () => {
    preload = join(await emptyDirectory(), 'two.cjs');
    await writeFile(preload, TWO);
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  async function start(): Promise<{ child: ChildProcess; port: number }> {
    const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [port] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, port: Number(port) };
  }

  async function server(env: NodeJS.ProcessEnv): Promise<string> {
    const { server: running, url } = await runServer({
      ...(await freshDatabase()),
      NODE_OPTIONS: `--require ${preload}`,
      ...env,
    });
    children.push(running.child);
    return url;
  }

  /** Stands still until connections to it are dropped; goes on when the first attempt of everybody has failed. */
  async function whileItStandsStill<T>(
    { child, port }: { child: ChildProcess; port: number },
    work: () => Promise<T>,
  ): Promise<T> {
    child.kill('SIGSTOP');
    const waiting: Socket[] = [];
    for (let isTaken = true; isTaken;) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      waiting.push(socket);
      isTaken = await Promise.race([once(socket, 'connect').then(() => true), sleep(100, false)]);
    }
    const worked = work();
    await sleep(600);
    child.kill('SIGCONT');
    for (const socket of waiting) socket.destroy();
    return worked;
  }

  const call = async (url: string, token: string): Promise<number> =>
    (await fetch(`${url}/proxy/anthropic/v1/x`, { headers: { 'x-api-key': token } })).status;

  it('is waited for, upstream', async () => {
    const upstream = await start();
    const url = await server({ TRACEVAULT_ANTHROPIC_UPSTREAM: `http://two.test:${upstream.port}` });
    const token = await signUpAt(url);
    expect(await whileItStandsStill(upstream, () => call(url, token))).toBe(200);
  });

  it('is waited for, on the way to the outbound proxy', async () => {
    const [upstream, tunnel] = [await start(), await start()];
    const url = await server({
      TRACEVAULT_ANTHROPIC_UPSTREAM: `http://127.0.0.1:${upstream.port}`,
      TRACEVAULT_OUTBOUND_PROXY: `http://two.test:${tunnel.port}`,
    });
    const token = await signUpAt(url);
    expect(await whileItStandsStill(tunnel, () => call(url, token))).toBe(200);
  });

  it('is waited for by the command', async () => {
    const anyServer = await start();
    const home = await emptyDirectory();
    const login = (): Promise<{ errors: string }> => {
      const args = ['login', '--server', `http://two.test:${anyServer.port}`];
      const ran = runBuilt('src/cli/main.js', { HOME: home, NODE_OPTIONS: `--require ${preload}` }, args);
      return ran.exit.then(() => ({ errors: ran.errors }));
    };
    const { errors } = await whileItStandsStill(anyServer, login);
    expect(errors).not.toContain('does not answer (');
  });
});
