import { Command } from 'commander';
import { examples } from './examples';
import { Io } from './io';

/** Adds `tracevault proxy token` and its subcommands to `proxy`. */
export function buildToken(io: Io, proxy: Command): void {
  const token = proxy
    .command('token')
    .description(
      "Print this machine's token alone, for Claude Code's apiKeyHelper; or create, list, rename and revoke tokens",
    )
    .addHelpText(
      'after',
      examples(
        'export ANTHROPIC_API_KEY="$(tracevault proxy token)"',
        'tracevault proxy token create --here',
        'tracevault proxy token create "build server" --expires 365',
      ),
    )
    .action(async (_options: object, { args: [verb] }: Command) => {
      if (verb !== undefined) (await import('./token-verbs.js')).refuseVerb(verb);
      await (await import('./proxy-token.js')).printToken(io);
    });
  token
    .command('create')
    .description('Create a token that can call the proxy and nothing else, and print it, once')
    .argument('[name]', 'what it is for; with --here this machine’s name, if you give none')
    .option('--expires <days>', '30, 90, 365 or any number of days, or never (default: 90)')
    .option('--here', "keep it for this machine's agents, and print nothing")
    .option('--org <name>', 'the organization that its calls belong to (default: your current one)')
    .addHelpText(
      'after',
      examples(
        'tracevault proxy token create "build server" --expires 365',
        'tracevault proxy token create --here',
      ),
    )
    .action(async (name: string | undefined, options: { expires?: string; here?: boolean; org?: string }) =>
      (await import('./proxy-token.js')).createToken(io, { ...(name !== undefined && { name }), ...options }),
    );
  token
    .command('list')
    .description('List your proxy tokens, and when each was last used')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tracevault proxy token list', 'tracevault proxy token list --json'))
    .action(async (options: { json?: boolean }) => (await import('./token-list.js')).listTokens(io, options));
  token
    .command('rename')
    .description('Give one of your proxy tokens another name; it goes on')
    .argument('<token>', 'its name, its id or the first six characters of that')
    .argument('<name>', 'its new name')
    .addHelpText('after', examples('tracevault proxy token rename laptop "old laptop"'))
    .action(async (which: string, name: string) =>
      (await import('./proxy-token.js')).renameToken(io, which, name),
    );
  token
    .command('revoke')
    .description('Revoke one of your proxy tokens; others go on')
    .argument('<token>', 'its name, its id or the first six characters of that')
    .option('-y, --yes', 'without asking')
    .addHelpText('after', examples('tracevault proxy token revoke "build server"'))
    .action(async (which: string, options: { yes?: boolean }) =>
      (await import('./proxy-token.js')).revokeToken(io, which, options),
    );
  // A word that is no verb comes to the action above. Said last: commands that are added after it would inherit it.
  token.allowExcessArguments();
}
