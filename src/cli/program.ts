import { Command, CommanderError } from 'commander';
import { CliError } from './cli-error';
import { Io } from './io';
import { commandOutput } from './command-output';
import { examples } from './examples';
import { sanitized, say } from './terminal';
import { buildInfo } from './info-command';
import { buildKey } from './key-commands';
import { buildToken } from './token-commands';
import { buildCalls, buildUsage } from './usage-commands';
import { version } from './version';

/**
 * Runs one command line.
 * @returns the exit code: 0 for success, 1 for a failure, 2 for a usage error.
 */
export async function run(args: string[], io: Io): Promise<number> {
  const program = build(io);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed the reason
    if (!(error instanceof CliError)) throw error;
    say(io, `Error: ${error.message}`);
    if (error.hint !== undefined) say(io, error.hint);
    return error.exitCode;
  }
}

/** Builds all commands. Each command's code is imported only when it runs, so that every start is fast. */
function build(io: Io): Command {
  const program = new Command('tracevault')
    .description(
      'Log in to a TraceVault server, keep your API keys there, and point your agents at its proxy.',
    )
    .version(version(), '-v, --version')
    .exitOverride()
    .configureOutput({
      ...commandOutput(io),
      outputError: (text, write) => write(text.split('\n').map(sanitized).join('\n')),
    })
    .showHelpAfterError('Run it with --help to see how it is used.')
    .addHelpText(
      'after',
      examples(
        'tracevault login --server https://tracevault.example.com',
        'tracevault proxy key set',
        'tracevault proxy info',
      ),
    );

  program
    .command('login')
    .description('Log in: approve in a browser, or type your password with --email')
    .option(
      '-s, --server <url>',
      'address of the TraceVault server (default: TRACEVAULT_SERVER, or that of your last login)',
    )
    .option('-e, --email <email>', 'log in with this email and its password, from a prompt or stdin')
    .option('--no-browser', 'only print the address, and open no browser')
    .option('--proxy-token', "create a proxy token for this machine's agents, without asking")
    .option('--no-proxy-token', 'create none, without asking')
    .addHelpText(
      'after',
      examples(
        'tracevault login --server http://127.0.0.1:3000',
        'tracevault login --server https://tracevault.example.com --email ada@example.com',
        'tracevault login',
      ),
    )
    .action(async (options: { server?: string; email?: string; browser: boolean; proxyToken?: boolean }) =>
      (await import('./login.js')).login(io, options),
    );
  program
    .command('logout')
    .description('Revoke the session, on the server and here')
    .addHelpText('after', examples('tracevault logout'))
    .action(async () => (await import('./login.js')).logout(io));
  program
    .command('whoami')
    .description('Say who is logged in, and where')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tracevault whoami', 'tracevault whoami --json'))
    .action(async (options: { json?: boolean }) => (await import('./login.js')).whoami(io, options));

  buildProxy(io, program);
  buildUsage(io, program);
  buildCalls(io, program);

  program
    .command('completion')
    .description('Print a completion script')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      examples(
        'source <(tracevault completion bash)',
        'tracevault completion zsh > "${fpath[1]}/_tracevault"',
        'tracevault completion fish > ~/.config/fish/completions/tracevault.fish',
      ),
    )
    .action(async (shell: string) => (await import('./completion.js')).printCompletion(io, program, shell));
  return program;
}

function buildProxy(io: Io, program: Command): void {
  const proxy = program
    .command('proxy')
    .description('The proxy that your agents call')
    .addHelpText('after', examples('tracevault proxy info', 'tracevault proxy check'));
  buildInfo(io, proxy);
  buildToken(io, proxy);
  proxy
    .command('check')
    .description('Try each hop from here to the vendors of your keys, and name the first that is broken')
    .option('-p, --provider <id>', 'this provider alone (default: all that your calls have a key for)')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tracevault proxy check', 'tracevault proxy check --provider openai'))
    .action(async (options: { json?: boolean; provider?: string }) =>
      (await import('./proxy-check.js')).proxyCheck(io, options),
    );

  buildKey(io, proxy);
}
