import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyDirectory, freshDatabase } from './support/database';
import { freePort, runServer, signUpAt, TestProcess } from './support/process';

const MAIN = join(__dirname, '../dist/src/main.js');

const pricesOf = (input: string) =>
  JSON.stringify({ prices: [{ provider: 'anthropic', model: 'claude-sonnet-4-5', input, output: '9' }] });

describe('SIGHUP', () => {
  let server: TestProcess;
  let url: string;
  let token: string;
  let file: string;

  async function start(env: NodeJS.ProcessEnv): Promise<void> {
    ({ server, url } = await runServer({ ...(await freshDatabase()), ...env }));
    token = await signUpAt(url);
  }
  beforeEach(async () => {
    file = join(await emptyDirectory(), 'prices.json');
    await writeFile(file, pricesOf('1'));
  });
  afterEach(() => {
    server.child.kill('SIGKILL');
  });

  async function inputRate(): Promise<string | undefined> {
    const response = await fetch(`${url}/api/v1/prices`, { headers: { authorization: `Bearer ${token}` } });
    const { prices } = (await response.json()) as { prices: { model: string; input: string }[] };
    return prices.find(({ model }) => model === 'claude-sonnet-4-5')?.input;
  }

  it('puts the prices in force that stand in the operator’s file now', async () => {
    await start({ TRACEVAULT_PRICES: file });
    expect(await inputRate()).toBe('1');
    await writeFile(file, pricesOf('2'));
    server.child.kill('SIGHUP');
    await server.says(/"rows":1,"msg":"The prices were read again/);
    expect(await inputRate()).toBe('2');
  });

  it('leaves the old prices in force when the file has an error, which the log names by row and field', async () => {
    await start({ TRACEVAULT_PRICES: file });
    await writeFile(file, pricesOf('a lot'));
    server.child.kill('SIGHUP');
    const [line] = await server.says(/.*the old ones stay in force.*/);
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      problems: [
        'TRACEVAULT_PRICES: prices[0] (claude-sonnet-4-5): input must be a number of at most nine digits before and six behind the point',
      ],
    });
    expect(await inputRate()).toBe('1');

    await writeFile(file, pricesOf('3'));
    server.child.kill('SIGHUP');
    await server.says(/The prices were read again/);
    expect(await inputRate()).toBe('3');
  });

  it('changes nothing on a server without such a file, which goes on', async () => {
    await start({});
    server.child.kill('SIGHUP');
    await server.says(/TRACEVAULT_PRICES is not set/);
    expect(await inputRate()).toBe('3');
  });
});

describe('a server that was started in a terminal', () => {
  it('reads the prices again at SIGHUP, and drains and stops when the terminal is closed', async () => {
    const directory = await emptyDirectory();
    const [file, log, port] = [join(directory, 'prices.json'), join(directory, 'log'), await freePort()];
    await writeFile(file, pricesOf('1'));
    const program = `echo $$ >&2; exec '${process.execPath}' '${MAIN}' > '${log}'`;
    const environment = {
      ...{ PATH: process.env.PATH, SHELL: '/bin/sh', TERM: 'xterm' },
      ...(await freshDatabase()),
      ...{ PORT: String(port), TRACEVAULT_PRICES: file },
    };
    const args =
      process.platform === 'darwin'
        ? ['-q', '/dev/null', 'sh', '-c', program]
        : ['-qfec', program, '/dev/null'];
    const terminal = new TestProcess(spawn('script', args, { env: environment }));
    const pid = Number((await terminal.says(/(\d+)\r?\n/))[1]);
    const logged = async (text: string): Promise<void> => {
      while (!(await readFile(log, 'utf8').catch(() => '')).includes(text)) await sleep(20);
    };
    await logged('TraceVault is ready');
    process.kill(pid, 'SIGHUP');
    await logged('The prices were read again');
    terminal.child.kill('SIGKILL');
    await logged('"signal":"SIGHUP"');
    await logged('"Stopped"');
  });
});
