import { ANTHROPIC_KEY_PREFIX } from '../config/credential-shapes';
import { CliError } from './cli-error';
import { Credentials } from './credentials-file';
import { DEFAULT_PROVIDER } from './known-providers';
import { call, succeeded } from './server';
import { sanitized } from './terminal';

/** A provider of the server, as its API lists it. */
export interface ServerProvider {
  readonly id: string;
  readonly label: string;
  readonly dialect: string;
  /** The prefix of every key; null for a provider whose keys have no known form. */
  readonly key_prefix: string | null;
}

/** A server of an earlier version has no list of providers: it knows Anthropic alone. */
const ANTHROPIC: ServerProvider = {
  id: DEFAULT_PROVIDER,
  label: 'Anthropic',
  dialect: 'anthropic',
  key_prefix: ANTHROPIC_KEY_PREFIX,
};

type Session = Pick<Credentials, 'server_url' | 'token'>;

/**
 * Fetches the providers of the server.
 * @returns undefined for a server of an earlier version, which has no such list.
 */
async function fetchProviders({ server_url, token }: Session): Promise<ServerProvider[] | undefined> {
  return fetchList(server_url, token, 'providers', isProvider);
}

/**
 * Fetches a list that servers of earlier versions don't have.
 * @returns undefined for such a server.
 * @throws CliError when the request fails or the response is not such a list.
 */
export async function fetchList<T>(
  server: string,
  token: string,
  path: string,
  isItem: (value: unknown) => value is T,
  withinMs?: number,
): Promise<T[] | undefined> {
  const answer = await call(server, 'GET', path, { token, isList: true, withinMs });
  if (answer.status === 404) return undefined;
  const { list } = succeeded(answer, server, token);
  if (Array.isArray(list) && list.every(isItem)) return list;
  throw new CliError(`${server} does not answer as TraceVault does.`);
}

/** The providers of a server, and where it stores their keys. */
export class ServerProviders {
  private constructor(
    private readonly server: string,
    readonly all: readonly ServerProvider[],
    private readonly isEarlierVersion: boolean,
  ) {}

  static async of(session: Session): Promise<ServerProviders> {
    const providers = await fetchProviders(session);
    return new ServerProviders(session.server_url, providers ?? [ANTHROPIC], providers === undefined);
  }

  /** Returns the provider with this id. @throws CliError (usage) when the server has none. */
  named(id: string): ServerProvider {
    const found = this.all.find((provider) => provider.id === id);
    if (found !== undefined) return found;
    if (this.isEarlierVersion) throw onlyAnthropic(this.server);
    throw noSuchProvider(
      id,
      this.all.map((provider) => provider.id),
    );
  }

  /** Returns the API's path of the user's key for a provider. */
  keyPath(id: string): string {
    return this.isEarlierVersion ? 'me/anthropic-key' : `me/keys/${id}`;
  }

  /** Returns the provider that a key belongs to by its prefix; undefined if it has no known prefix. */
  ownerOfKey(key: string): ServerProvider | undefined {
    const lengthOf = ({ key_prefix }: ServerProvider): number => key_prefix?.length ?? 0;
    return this.all
      .filter(({ key_prefix }) => key_prefix !== null && key.startsWith(key_prefix))
      .sort((one, other) => lengthOf(other) - lengthOf(one))[0];
  }
}

export function noSuchProvider(id: string, known: readonly string[]): CliError {
  return new CliError(
    `This server has no provider "${sanitized(id)}", or it is switched off.`,
    `It has: ${known.join(', ') || 'none'}.`,
    2,
  );
}

export function onlyAnthropic(server: string): CliError {
  return new CliError(
    `${server} is of an earlier version, which knows Anthropic alone.`,
    'Ask its administrator to update it.',
  );
}

/** Whether an id can stand in a path and on a command line as it is. */
export function isProviderId(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9][a-z0-9._-]*$/.test(value);
}

function isProvider(value: unknown): value is ServerProvider {
  const { id, label, dialect, key_prefix } = (value ?? {}) as Record<keyof ServerProvider, unknown>;
  const isText = typeof label === 'string' && typeof dialect === 'string';
  return isProviderId(id) && isText && (key_prefix === null || typeof key_prefix === 'string');
}
