import { Command } from 'commander';
import { examples } from './examples';
import { Io } from './io';

const PROVIDER_OPTION = '-p, --provider <id>';
const WHICH =
  'whose key it is: anthropic, openai, gemini, openrouter or another of the server (default: anthropic)';

/** Adds `tracevault proxy key` and its subcommands to `proxy`. */
export function buildKey(io: Io, proxy: Command): void {
  const key = proxy
    .command('key')
    .description('Your keys of the providers on the server')
    .addHelpText(
      'after',
      examples(
        'tracevault proxy key set',
        'tracevault proxy key set --provider openai',
        'tracevault proxy key status',
      ),
    );
  key
    .command('status')
    .description('Say which keys are stored, since when, and which key your calls take')
    .option(PROVIDER_OPTION, 'of one provider alone (default: of all)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples('tracevault proxy key status', 'tracevault proxy key status --provider openai'),
    )
    .action(async (options: { provider?: string; json?: boolean }) =>
      (await import('./key-status.js')).keyStatus(io, options),
    );
  key
    .command('set')
    .description(
      'Store or replace a key when its provider takes it, from a prompt or stdin; never as an argument',
    )
    .option(PROVIDER_OPTION, WHICH)
    .option('-f, --force', 'store it without asking the provider')
    .addHelpText(
      'after',
      examples(
        'tracevault proxy key set',
        'tracevault proxy key set --provider openai',
        'pass show anthropic | tracevault proxy key set',
      ),
    )
    .action(async (options: { provider?: string; force?: boolean }) =>
      (await import('./proxy-key.js')).setKey(io, options),
    );
  key
    .command('remove')
    .description('Remove a stored key')
    .option(PROVIDER_OPTION, WHICH)
    .option('-y, --yes', 'without asking')
    .addHelpText(
      'after',
      examples('tracevault proxy key remove', 'tracevault proxy key remove --provider openai'),
    )
    .action(async (options: { provider?: string; yes?: boolean }) =>
      (await import('./proxy-key.js')).removeKey(io, options),
    );
}
