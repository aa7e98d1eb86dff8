import { CliError } from './cli-error';
import { sanitized } from './terminal';
import { version } from './version';

const ANSWER_WITHIN_MS = 15_000;

/** A response of the server's API, whatever its status. */
export interface Answer {
  readonly status: number;
  /** The parsed body; a list is wrapped as `{ list }`. */
  readonly body: Record<string, unknown>;
}

interface Call {
  readonly token?: string;
  readonly body?: object;
  /** Whether the response is expected to be a list rather than an object. */
  readonly isList?: boolean;
  /** How long the response may take. */
  readonly withinMs?: number | undefined;
}

/**
 * Parses a server's URL as typed. @returns it without a trailing slash.
 * @param source the option or variable that it came from, for the error message.
 * @throws CliError (usage) for anything but an http or https URL with only a host and a port.
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

/** Whether a text is an http or https origin that needs no quoting in any shell. */
export function isServerUrl(text: string): boolean {
  return /^https?:\/\/[a-z0-9.:[\]_-]+$/i.test(text) && URL.canParse(text);
}
const usage = 'For example: tracevault login --server https://tracevault.example.com';

/** Whether a token would be sent over a network unencrypted. */
export function isExposed(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/**
 * Calls the server's API. Redirects are not followed, because a token must not be sent to a host that the user did not choose.
 * @returns the response, whatever its status.
 * @throws CliError when there is no response in time, or it does not come from TraceVault.
 */
export async function call(
  server: string,
  method: string,
  path: string,
  { token, body, isList = false, withinMs = ANSWER_WITHIN_MS }: Call = {},
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
      signal: AbortSignal.timeout(withinMs),
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
 * Calls the server's API, as call(), and returns the body of a successful response.
 * @throws CliError also for an error status, with the server's own message.
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
 * Returns the body of a successful response.
 * @throws CliError for an error status, with the server's own message.
 */
export function succeeded(answer: Answer, server: string, token?: string): Answer['body'] {
  if (answer.status < 300) return answer.body;
  const hint =
    answer.status === 401 && token !== undefined ? `Run: tracevault login --server ${server}` : undefined;
  throw new CliError(refusalOf(answer), hint);
}

/** Returns the server's own message of an error response. */
export function refusalOf({ status, body }: Answer): string {
  const errors = errorsIn(body).map(({ message }) => message);
  // OAuth errors have no list, nor do the responses of intermediaries.
  const words = (errors.length > 0 ? errors : [body.message].flat()).filter(
    (word) => typeof word === 'string',
  );
  return words.length === 0 ? `The server answered ${status}.` : sanitized(words.join('; '));
}

/** Whether the response has an error with one of these codes. */
export function isBecause({ body }: Answer, ...codes: readonly string[]): boolean {
  return errorsIn(body).some(({ code }) => typeof code === 'string' && codes.includes(code));
}

function errorsIn({ errors }: Answer['body']): { readonly code?: unknown; readonly message?: unknown }[] {
  const listed: unknown[] = Array.isArray(errors) ? errors : [];
  return listed.filter((error) => typeof error === 'object' && error !== null);
}

/** Describes a failure below HTTP: the timeout, the error code or the message. */
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

/** Parses a JSON object. Returns undefined for any other text, for example an intermediary's error page. */
export function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
