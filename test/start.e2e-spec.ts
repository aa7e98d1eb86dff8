import { spawn } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyDirectory } from './support/database';
import { freePort, signUpAt, TestProcess } from './support/process';
import { embeddedOnly } from './support/which-database';

const ROOT = join(__dirname, '..');

const messages = [{ role: 'user', content: 'hi' }];
const contents = [{ role: 'user', parts: [{ text: 'hi' }] }];

/** For each provider beside Anthropic: the beginning of its keys, a request for a stream, and what comes back. */
const OTHERS: readonly [provider: string, key: string, path: string, body: object, answer: RegExp][] = [
  [
    'openai',
    'sk-',
    'v1/responses',
    { model: 'gpt-5', input: 'hi', stream: true },
    /^event: response\.created\n[^]*event: response\.completed\n/,
  ],
  [
    'gemini',
    'AIza',
    'v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    { contents },
    /^data: \{[^]*"finishReason":"STOP"/,
  ],
  [
    'openrouter',
    'sk-or-',
    'v1/chat/completions',
    { model: 'openai/gpt-5', messages, stream: true },
    /^data: \{[^]*data: \[DONE\]\n\n$/,
  ],
];

/** What a newcomer types, as far as npm itself has no part in it. */
embeddedOnly('scripts/start.mjs', () => {
  const processes: TestProcess[] = [];
  afterAll(() => {
    for (const { child } of processes) child.kill('SIGKILL');
  });

  async function start(args: string[], cwd: string): Promise<{ url: string; server: TestProcess }> {
    const port = await freePort();
    const child = spawn(process.execPath, [join(ROOT, 'scripts/start.mjs'), ...args], {
      cwd,
      env: { PATH: process.env.PATH, PORT: String(port), LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new TestProcess(child);
    processes.push(server);
    const [, explorer] = await server.says(/"explorer":"([^"]+)".*TraceVault is ready/, 30_000);
    expect(explorer).toBe(`http://127.0.0.1:${port}/api/docs`);
    return { url: `http://127.0.0.1:${port}`, server };
  }

  it('starts the server from any directory, with its data there, and stops it at Ctrl-C', async () => {
    const { url, server } = await start([], await emptyDirectory());
    expect((await fetch(`${url}/api/docs`)).status).toBe(200);
    expect(server.output).toContain('Created a master key');
    server.child.kill('SIGINT');
    expect(await server.exit).toBe(0);
  });

  it('reads a .env that an editor on Windows has begun with a byte order mark', async () => {
    const cwd = await emptyDirectory();
    await writeFile(join(cwd, '.env'), '\uFEFFDATABASE_URL=mysql://db/tracevault\r\n');
    const child = spawn(process.execPath, [join(ROOT, 'scripts/start.mjs')], {
      cwd,
      env: { PATH: process.env.PATH, PORT: String(await freePort()) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new TestProcess(child);
    processes.push(server);
    expect(await server.exit).toBe(1);
    expect(server.errors).toContain('DATABASE_URL must be a URL');
    expect(await readdir(cwd)).toEqual(['.env']); // no new embedded database
  });

  it('--demo streams a first token without an account anywhere', async () => {
    const { url } = await start(['--demo'], await emptyDirectory());
    const token = await signUpAt(url, 'sk-ant-demo');
    const stream = await fetch(`${url}/proxy/anthropic/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': token },
      body: JSON.stringify({
        model: 'claude-sonnet-5-5',
        max_tokens: 9,
        stream: true,
        messages: [{ role: 'user', content: 'hi' }],
      }),
    });
    expect(await stream.text()).toMatch(/^event: message_start\n[^]*text_delta[^]*event: message_stop\n/);

    const put = (key: string): Promise<Response> =>
      fetch(`${url}/api/v1/me/anthropic-key?check=true`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ key }),
      });
    expect((await put('sk-ant-demo')).status).toBe(200);
    const refused = await put('sk-ant-invalid-demo');
    expect([refused.status, await refused.text()]).toEqual([
      422,
      expect.stringContaining('with 401: “invalid x-api-key”'),
    ]);

    for (const [provider, key, path, body, pattern] of OTHERS) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const putKey = (value: string): Promise<Response> =>
        fetch(`${url}/api/v1/me/keys/${provider}?check=true`, {
          method: 'PUT',
          headers,
          body: JSON.stringify({ key: value }),
        });
      expect([provider, (await putKey(`${key}invalid-demo`)).status]).toEqual([provider, 422]);
      expect([provider, (await putKey(`${key}demo`)).status]).toEqual([provider, 200]);
      const answer = await fetch(`${url}/proxy/${provider}/${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      expect(await answer.text()).toMatch(pattern);
    }
  });
});
