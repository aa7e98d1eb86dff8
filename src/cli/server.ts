import { CliError } from './cli-error';
import { sanitized } from './terminal';
import { version } from './version';

const ANSWER_WITHIN_MS = 15_000;

/** An answer of the server's API, whatever its status. */
export interface Answer {
  readonly status: number;
  /** A list comes as `{ list }`. */
  readonly body: Record<string, unknown>;
}

interface Call {
  readonly token?: string;
  readonly body?: object;
  /** Whether the answer is a list, and no object. */
  readonly isList?: boolean;
}

/**
 * The address of a server as people type it, without a trailing slash.
 * @param source where they typed it.
 * @throws CliError (usage) for what is no http or https URL, or has more than host and port.
 */
export function serverUrl(typed: string, source = '--server'): string {
  const url = URL.canParse(typed) ? new URL(typed) : undefined;
  if (url === undefined || !isServerUrl(url.origin)) {
    throw new CliError(`${source} takes a URL that begins with https:// or http://.`, usage, 2);
  }
  if (url.href !== `${url.origin}/`) {
    throw new CliError(
      `${source} takes a URL with a host and a port, and no path, user name or query.`,
      usage,
      2,
    );
  }
  return url.origin;
}

/** An http or https origin that can stand in a line of any shell as it is. */
export function isServerUrl(text: string): boolean {
  return /^https?:\/\/[a-z0-9.:[\]_-]+$/i.test(text) && URL.canParse(text);
}
const usage = 'For example: tracevault login --server https://tracevault.example.com';

/** Whether a token would travel in clear over a network. */
export function isExposed(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/**
 * One call of the server's API. Redirects are not followed: a token must not go where the person did not send it.
 * @throws CliError when there is no answer, or it does not come from TraceVault.
 */
export async function call(
  server: string,
  method: string,
  path: string,
  { token, body, isList = false }: Call = {},
): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${server}/api/v1/${path}`, {
      method,
      redirect: 'manual',
      headers: {
        'user-agent': userAgent(),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    text = await response.text();
  } catch (error) {
    throw new CliError(
      `${server} does not answer (${reasonOf(error)}).`,
      'Check the address and your network. Once logged in: tracevault proxy check',
    );
  }
  if (response.status >= 300 && response.status < 400) {
    throw new CliError(`${server} redirects elsewhere.`, 'Log in with the address that it redirects to.');
  }
  return { status: response.status, body: bodyOf(text, response.status, server, isList) };
}

/**
 * The same, for calls that have to succeed.
 * @throws CliError with the server's own words.
 */
export async function callOrFail(
  server: string,
  method: string,
  path: string,
  options: Call = {},
): Promise<Answer['body']> {
  return succeeded(await call(server, method, path, options), server, options.token);
}

/**
 * What a call that has to succeed was answered.
 * @throws CliError with the server's own words.
 */
export function succeeded(answer: Answer, server: string, token?: string): Answer['body'] {
  if (answer.status < 300) return answer.body;
  const hint =
    answer.status === 401 && token !== undefined ? `Run: tracevault login --server ${server}` : undefined;
  throw new CliError(refusalOf(answer), hint);
}

/** Why the server said no, in its own words. */
export function refusalOf({ status, body }: Answer): string {
  const errors = errorsIn(body).map(({ message }) => message);
  // OAuth's errors have no list, and neither has what something in between answers.
  const words = (errors.length > 0 ? errors : [body.message].flat()).filter(
    (word) => typeof word === 'string',
  );
  return words.length === 0 ? `The server answered ${status}.` : sanitized(words.join('; '));
}

/** Whether one of these codes of the API is why. */
export function isBecause({ body }: Answer, ...codes: readonly string[]): boolean {
  return errorsIn(body).some(({ code }) => typeof code === 'string' && codes.includes(code));
}

function errorsIn({ errors }: Answer['body']): { readonly code?: unknown; readonly message?: unknown }[] {
  const listed: unknown[] = Array.isArray(errors) ? errors : [];
  return listed.filter((error) => typeof error === 'object' && error !== null);
}

/** What went wrong below HTTP, in one word. */
export function reasonOf(error: unknown): string {
  const { name, cause } = Object(error) as Partial<Error>;
  if (name === 'TimeoutError') return `no answer within ${ANSWER_WITHIN_MS / 1000} s`;
  const { code, message } = Object(cause ?? error) as Partial<NodeJS.ErrnoException>;
  return sanitized(code ?? message ?? 'unknown error');
}

export function userAgent(): string {
  return `tracevault-cli/${version()}`;
}

function bodyOf(text: string, status: number, server: string, isList: boolean): Answer['body'] {
  const object = isList && status < 300 ? `{"list":${text}}` : text;
  const body = text === '' ? {} : jsonObject(object);
  if (body !== undefined) return body;
  throw new CliError(
    `${server} does not answer as TraceVault does (status ${status}).`,
    'Check the address.',
  );
}

/** Undefined for what is no JSON object: a page of something in between, say. */
export function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
