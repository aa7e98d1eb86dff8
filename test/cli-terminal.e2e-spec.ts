import { Person, useApp } from './support/app';
import { Cli } from './support/cli';

describe('the tracevault command on a terminal', () => {
  const app = useApp();
  let ada: Person;
  let cli: Cli;

  beforeAll(async () => {
    ada = await app.signUp(null);
    cli = await Cli.inNewHome();
    await cli.run(['login', '--server', app.url, '--email', ada.email], { stdin: ada.password });
  });

  const configured = async (): Promise<unknown> =>
    (
      (await (await app.api('GET', 'me/anthropic-key', { token: ada.token })).json()) as {
        configured: boolean;
      }
    ).configured;

  it('asks for the key without showing it', async () => {
    const terminal = cli.onTerminal(['proxy', 'key', 'set']);
    await terminal.says(/not shown\): /);
    terminal.child.stdin?.write('sk-ant-TYPED-SECRET\r');
    expect(await terminal.exit).toBe(0);
    expect(terminal.output).toContain('The key works, and is stored, encrypted');
    expect(terminal.output).not.toContain('SECRET');
    expect(await configured()).toBe(true);
  });

  it('asks for the password without showing it', async () => {
    const other = await Cli.inNewHome();
    const terminal = other.onTerminal(['login', '--server', app.url, '--email', ada.email]);
    await terminal.says(/Password of .*: /);
    terminal.child.stdin?.write(`${ada.password}\r`);
    await terminal.says(/\[y\/N\] /);
    terminal.child.stdin?.write('\r');
    expect(await terminal.exit).toBe(0);
    expect(terminal.output).not.toContain(ada.password);
    expect(await other.credentials()).toMatchObject({ email: ada.email });
  });

  it.each([
    ['y', true],
    ['', false],
    ['\u0003', false], // Ctrl-C: the login stands all the same
  ])('login offers a proxy token for this machine, and takes %j', async (answer, isCreated) => {
    const other = await Cli.inNewHome();
    const terminal = other.onTerminal(['login', '--server', app.url, '--email', ada.email]);
    await terminal.says(/Password of .*: /);
    terminal.child.stdin?.write(`${ada.password}\r`);
    await terminal.says(/Create a proxy token for this machine \(90 days\)\?.*\[y\/N\] /);
    terminal.child.stdin?.write(`${answer}\r`);
    expect(await terminal.exit).toBe(0);
    expect(terminal.output).toContain('Next: tracevault proxy ');
    expect((await other.credentials()).proxy_token !== undefined).toBe(isCreated);
    expect(terminal.output.includes('agents use the proxy token')).toBe(isCreated);
    expect(terminal.output).not.toContain('tvp_');
  });

  it('asks before it removes the key, and takes Enter for a no', async () => {
    for (const [answer, code, still] of [
      ['', 1, true],
      ['y', 0, false],
    ] as const) {
      const terminal = cli.onTerminal(['proxy', 'key', 'remove']);
      await terminal.says(/\[y\/N\] /);
      terminal.child.stdin?.write(`${answer}\r`);
      expect(await terminal.exit).toBe(code);
      expect(await configured()).toBe(still);
    }
  });

  it('takes Ctrl-C at a prompt for an end that changes nothing', async () => {
    const terminal = cli.onTerminal(['proxy', 'key', 'set']);
    await terminal.says(/not shown\): /);
    terminal.child.stdin?.write('sk-ant-half\u0003');
    expect(await terminal.exit).toBe(1);
    expect(terminal.output).toContain('Nothing was changed');
    expect(await configured()).toBe(false);
  });

  it('has colors there, unless NO_COLOR is set', async () => {
    const colored = cli.onTerminal(['proxy', 'info']);
    await colored.exit;
    expect(colored.output).toContain('\u001b[32m');
    const plain = cli.onTerminal(['proxy', 'info'], { NO_COLOR: '1' });
    await plain.exit;
    expect(plain.output).toContain('Proxy base URL');
    expect(plain.output).not.toContain('\u001b[32m');
  });
});
