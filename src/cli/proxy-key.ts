import { CliError } from './cli-error';
import { Credentials, readLiveCredentials } from './credentials-file';
import { askSecret, confirm, isInteractive } from './prompt';
import { callOrFail } from './server';
import { asDate, harmless, print, printJson, say } from './terminal';

const PATH = 'me/anthropic-key';

export async function keyStatus({ json = false }: { json?: boolean }): Promise<void> {
  const credentials = await readLiveCredentials();
  const { configured, configured_at, last_use } = await ask(credentials, 'GET');
  if (json) printJson({ configured, configured_at, last_use });
  else if (configured === true)
    print(
      `An Anthropic key is stored since ${asDate(String(configured_at))}.\n${lastUse((last_use ?? null) as LastUse | null)}`,
    );
  else print('No Anthropic key is stored. Run: tracevault proxy key set');
}

interface LastUse {
  readonly at: string;
  readonly client: string | null;
  readonly status: number | null;
}

function lastUse(use: LastUse | null): string {
  if (use === null) return 'No request has come through with it yet.';
  const client = harmless(use.client ?? 'a client that did not say what it is');
  const answer =
    use.status === null ? 'which left before there was an answer' : `answered with ${use.status}`;
  return `Last used ${asDate(use.at)} by ${client}, ${answer}.`;
}

/** From a prompt without echo, or from stdin. */
export async function setKey(): Promise<void> {
  const credentials = await readLiveCredentials();
  const key = (await askSecret('Anthropic key (sk-ant-..., not shown): ')).trim();
  if (!key.startsWith('sk-ant-')) {
    throw new CliError(
      key === ''
        ? 'No key came in. Nothing was changed.'
        : 'This is no Anthropic key: it does not begin with sk-ant-. Nothing was changed.',
      'Get one at https://console.anthropic.com/settings/keys',
    );
  }
  await ask(credentials, 'PUT', { key });
  say('The key is stored, encrypted. Next: tracevault proxy info');
}

export async function removeKey({ yes = false }: { yes?: boolean }): Promise<void> {
  const credentials = await readLiveCredentials();
  if (!yes) {
    if (!isInteractive())
      throw new CliError('Removing the key needs --yes when nobody can be asked.', undefined, 2);
    const sure = await confirm(
      `Remove your Anthropic key from ${credentials.server_url}? Your agents stop working.`,
    );
    if (!sure) throw new CliError('Nothing was changed.');
  }
  await ask(credentials, 'DELETE');
  say('No key is stored any more.');
}

async function ask(
  { server_url, token }: Credentials,
  method: string,
  body?: object,
): Promise<Record<string, unknown>> {
  return callOrFail(server_url, method, PATH, { token, ...(body !== undefined && { body }) });
}
