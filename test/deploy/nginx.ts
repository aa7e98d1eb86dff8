import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpsRequest, Agent, RequestOptions } from 'node:https';
import { ClientRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, TestProcess } from '../support/process';
import { demand, giveAway, plainFolder, remove, PLAIN_USER } from './sandbox';

const DEPLOY = join(__dirname, '../../deploy');
const TLS = join(__dirname, '../support/tls');
const PATH = `${process.env.PATH}:/usr/sbin`;
const COMMAND = ['-e', 'stderr', '-c'];

/**
 * nginx with the files of deploy/nginx, as a plain user. Only addresses and paths are others: the port that it listens on,
 * the ports of the servers, and its own folder in place of /tmp.
 */
export class Nginx {
  /** TLS by the test certificate; a connection for each request, as many agents have it. */
  readonly agent = new Agent({ ca: readFileSync(join(TLS, 'cert.pem')), keepAlive: false });

  private constructor(
    /** Holds copies of deploy/nginx and deploy/compose. */
    readonly folder: string,
    readonly port: number,
    readonly process: TestProcess,
  ) {}

  /** @param changes of nginx.conf, for a number that a test can't wait for or reach. */
  static async inFrontOf(ports: readonly number[], changes: Record<string, string> = {}): Promise<Nginx> {
    demand('nginx', ['-v'], 'These tests need nginx: apt-get install nginx-light.');
    const folder = plainFolder();
    const port = await freePort();
    for (const part of ['nginx', 'compose'])
      cpSync(join(DEPLOY, part), join(folder, part), { recursive: true });
    mkdirSync(join(folder, 'nginx/tls'), { recursive: true });
    cpSync(join(TLS, 'cert.pem'), join(folder, 'nginx/tls/fullchain.pem'));
    cpSync(join(TLS, 'key.pem'), join(folder, 'nginx/tls/privkey.pem'));
    substitute(join(folder, 'nginx/nginx.conf'), {
      '/tmp/': `${folder}/`,
      'listen 8443': `listen 127.0.0.1:${port}`,
      ...changes,
    });
    substitute(join(folder, 'nginx/replicas.conf'), {
      'server tracevault-1:3000': `server 127.0.0.1:${ports[0]}`,
      'server tracevault-2:3000': `server 127.0.0.1:${ports[1]}`,
    });
    giveAway(folder);
    const args = [...COMMAND, join(folder, 'nginx/nginx.conf'), '-g', 'daemon off;'];
    const child = spawn('nginx', args, { ...PLAIN_USER, env: { PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
    const nginx = new Nginx(folder, port, new TestProcess(child));
    await nginx.listens();
    return nginx;
  }

  /** `nginx -s reload`, as rolling-restart.sh runs it inside the container. */
  async reload(): Promise<number | string> {
    const args = [...COMMAND, join(this.folder, 'nginx/nginx.conf'), '-s', 'reload'];
    return new TestProcess(spawn('nginx', args, { ...PLAIN_USER, env: { PATH } })).exit;
  }

  request(path: string, options: RequestOptions = {}): ClientRequest {
    return httpsRequest({ host: '127.0.0.1', port: this.port, path, agent: this.agent, ...options });
  }

  async stop(): Promise<void> {
    this.process.child.kill('SIGTERM');
    await this.process.exit;
    remove(this.folder);
  }

  private async listens(): Promise<void> {
    for (let waited = 0; waited < 10_000; waited += 20) {
      const status = await new Promise((resolve) => {
        this.request('/health/live')
          .on('response', (response) => resolve(response.resume().statusCode))
          .on('error', () => resolve(undefined))
          .end();
      });
      if (status !== undefined) return;
      await sleep(20);
    }
    throw new Error(`nginx never listened:\n${this.process.errors}`);
  }
}

/** Each must stand there, so that a change of the file can't leave a test running something else. */
function substitute(file: string, replacements: Record<string, string>): void {
  let text = readFileSync(file, 'utf8');
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`${file} holds no ${from}`);
    text = text.replaceAll(from, to);
  }
  writeFileSync(file, text);
}
