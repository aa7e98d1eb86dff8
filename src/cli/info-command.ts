import { Command } from 'commander';
import { examples } from './examples';
import { Io } from './io';

/** Adds `tracevault proxy info` to `proxy`. */
export function buildInfo(io: Io, proxy: Command): void {
  proxy
    .command('info')
    .description('Show how to point agents at the proxy, and your limits')
    .option(
      '-c, --client <name>',
      'how to set up this client alone: claude-code, codex, gemini, opencode, cursor, cline or sdk',
    )
    .option('-p, --provider <id>', "for this provider of the server (default: the client's own one)")
    .option('--json', 'as JSON')
    .option('--shell <name>', 'lines for bash, zsh, fish or powershell (default: yours)')
    .addHelpText(
      'after',
      examples(
        'tracevault proxy info',
        'tracevault proxy info --client codex',
        'tracevault proxy info --client opencode --provider openrouter',
        'tracevault proxy info --shell fish',
        'tracevault proxy info --json',
      ),
    )
    .action(async (typed: Typed) => {
      const { proxyInfo, shellNamed } = await import('./proxy-info.js');
      const { clientNamed, providerTyped } = await import('./clients.js');
      const { json, shell, client, provider } = typed;
      await proxyInfo(io, {
        ...(json && { json }),
        ...(shell !== undefined && { shell: shellNamed(shell) }),
        ...(client !== undefined && { client: clientNamed(client) }),
        ...(provider !== undefined && { provider: providerTyped(provider) }),
      });
    });
}

interface Typed {
  readonly json?: boolean;
  readonly shell?: string;
  readonly client?: string;
  readonly provider?: string;
}
