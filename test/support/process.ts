import { ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Ran } from './test-io';

const ROOT = join(__dirname, '../..');

/** A program of this project in its own process, with only the given environment variables. */
export class TestProcess {
  output = '';
  errors = '';
  /** The exit code, or the signal that ended the process. */
  readonly exit: Promise<number | string>;

  constructor(readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.exit = new Promise((resolve) =>
      child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
    );
  }

  /** Resolves with the exit code and the output when the process has exited. */
  async ran(): Promise<Ran> {
    const code = await this.exit;
    return { code, out: this.output, err: this.errors };
  }

  /** Waits until the output matches the pattern. @throws Error after `within` ms, or when the process exits first. */
  async says(pattern: RegExp, within = 20_000): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => done(undefined), within);
      const done = (match: RegExpExecArray | undefined): void => {
        clearTimeout(timer);
        this.child.stdout?.off('data', look);
        if (match) resolve(match);
        else reject(new Error(`Never said ${String(pattern)}. Output:\n${this.output}\n${this.errors}`));
      };
      const look = (): void => {
        const match = pattern.exec(this.output);
        if (match) done(match);
      };
      this.child.stdout?.on('data', look);
      void this.exit.then(() => done(pattern.exec(this.output) ?? undefined));
      look();
    });
  }
}

/** Runs a built file (`npm test` builds first) the way `npm run start:prod` does. */
export function runBuilt(
  file: string,
  env: NodeJS.ProcessEnv,
  args: string[] = [],
  stdin: 'ignore' | 'pipe' = 'ignore',
): TestProcess {
  const path = join(ROOT, 'dist', file);
  if (!existsSync(path)) throw new Error(`${path} is missing: run npm run build`);
  const child = spawn(process.execPath, [path, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: [stdin, 'pipe', 'pipe'],
  });
  return new TestProcess(child);
}

/** Starts the server in its own process, and resolves with its URL and port when it is ready. */
export async function runServer(
  env: NodeJS.ProcessEnv,
): Promise<{ server: TestProcess; url: string; port: number }> {
  const port = await freePort();
  const server = runBuilt('src/main.js', { PORT: String(port), ...env });
  await server.says(/TraceVault is ready/);
  return { server, url: `http://127.0.0.1:${port}`, port };
}

/** Signs up a user with a stored key at a server in another process. @returns the user's session token. */
export async function signUpAt(url: string, apiKey = 'sk-ant-x', email = 'a@example.com'): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ email, password: 'a long enough one', org_name: email.split('@')[0] });
  const registered = await fetch(`${url}/api/v1/auth/register`, { method: 'POST', headers, body });
  const { token } = (await registered.json()) as { token: string };
  const stored = await fetch(`${url}/api/v1/me/anthropic-key`, {
    method: 'PUT',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body: JSON.stringify({ key: apiKey }),
  });
  if (stored.status !== 204)
    throw new Error(`Signing up at ${url} failed: ${registered.status}, ${stored.status}`);
  return token;
}

/**
 * Returns a port of the loopback that nobody uses. It is none of those that the system gives out for port 0: a server of this or another
 * suite could get it before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
