import { CliError } from './cli-error';
import { Credentials, readLiveCredentials } from './credentials-file';
import { Io } from './io';
import { expiryWarning, isOver } from './machine-token';
import { callOrFail } from './server';
import { table } from './table';
import { asDate, sanitized, print, printJson, say } from './terminal';
import { shortIdLength } from './token-named';

export const PATH = 'me/proxy-tokens';
export const CREATE_ONE = 'tracevault proxy token create --here';

interface ListedToken {
  readonly id: string;
  readonly name: string;
  /** The token's first and last digits; absent in responses of earlier server versions. */
  readonly masked_token?: string | null;
  /** The organization that calls with the token belong to; absent in responses of earlier server versions. */
  readonly org?: string | null;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly last_client: string | null;
}

/** Prints the proxy tokens as a table of at most 100 terminal columns, or with all fields as JSON. */
export async function listTokens(io: Io, { json = false }: { json?: boolean }): Promise<void> {
  const credentials = await readLiveCredentials(io);
  const tokens = await list(credentials);
  const isHere = ({ id }: ListedToken): boolean => id === credentials.proxy_token?.id;
  if (json) {
    printJson(
      io,
      tokens.map((token) => ({ ...token, here: isHere(token) })),
    );
    return;
  }
  if (tokens.length === 0) {
    print(io, `You have no proxy tokens. To create one for this machine: ${CREATE_ONE}`);
    return;
  }
  const length = shortIdLength(tokens.map(({ id }) => id));
  const columns = [
    { title: 'ID', max: length },
    { title: 'NAME', max: 30 - length }, // a longer id leaves less room for the name
    { title: 'TOKEN', max: 13 },
    { title: 'UNTIL', max: 10 },
    { title: 'LAST USED (UTC)', max: 16 },
    { title: 'BY', max: 21 },
  ];
  const rows = tokens.map((token) => [
    sanitized(token.id.slice(0, length)),
    sanitized(token.name),
    masked(token),
    untilOf(token),
    token.last_used_at === null ? 'not used yet' : asDate(token.last_used_at).replace(' UTC', ''),
    token.last_used_at === null ? '' : sanitized(token.last_client ?? 'it did not say'),
  ]);
  // A column of organizations only for who is in several: it takes the place of the token's digits.
  const orgs = new Set(tokens.map(({ org }) => org ?? ''));
  if (orgs.size > 1) {
    columns[2] = { title: 'ORGANIZATION', max: 13 };
    for (const [index, row] of rows.entries()) row[2] = sanitized(tokens[index]?.org ?? 'none');
  }
  print(io, table(columns, rows).join('\n'));
  const own = tokens.find(isHere);
  if (own !== undefined) say(io, `This machine's agents use ${sanitized(own.id.slice(0, length))}.`);
  for (const { name, expires_at } of tokens) {
    const ending = expiryWarning(name, expires_at);
    if (ending !== undefined && !isOver(expires_at)) say(io, `Warning: ${ending}`);
  }
}

/** Returns the masked token, which sanitized() would hide as a secret; empty if it does not have the masked form. */
function masked({ masked_token }: ListedToken): string {
  return /^tvp_[0-9a-f]{4}…[0-9a-f]{4}$/.exec(masked_token ?? '')?.[0] ?? '';
}

function untilOf({ expires_at }: ListedToken): string {
  if (expires_at === null) return 'no end';
  return isOver(expires_at) ? 'expired' : asDate(expires_at).slice(0, 10);
}

/** Fetches the proxy tokens. @throws CliError when the request fails or the response is not a list of tokens. */
export async function list({
  server_url,
  token,
}: Pick<Credentials, 'server_url' | 'token'>): Promise<ListedToken[]> {
  const { list: tokens } = await callOrFail(server_url, 'GET', PATH, { token, isList: true });
  if (Array.isArray(tokens) && tokens.every(isListed)) return tokens;
  throw new CliError(`${server_url} does not answer as TraceVault does.`);
}

function isListed(value: unknown): value is ListedToken {
  const { id, name, masked_token, org, expires_at, last_used_at, last_client } = (value ?? {}) as Record<
    keyof ListedToken,
    unknown
  >;
  const areTimes = [expires_at, last_used_at].every(
    (time) => time === null || (typeof time === 'string' && !Number.isNaN(Date.parse(time))),
  );
  const isText = typeof id === 'string' && typeof name === 'string';
  const areTexts = [masked_token ?? null, org ?? null, last_client].every(
    (text) => text === null || typeof text === 'string',
  );
  return isText && areTimes && areTexts;
}
