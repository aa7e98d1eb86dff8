import { CliError } from './cli-error';
import { DEFAULT_PROVIDER, providerOption } from './known-providers';
import { MyKey } from './my-keys';
import { jsonObject, reasonOf, userAgent } from './server';
import { sanitized } from './terminal';

const UPSTREAM_WITHIN_MS = 30_000;
/** The prefix of the request ids in the proxy's own responses; the vendors' ids don't have it. */
const OWN_REQUEST_ID = 'req_tv_';

/** A provider to send a request to through the proxy. */
export interface Upstream {
  /** The id of the provider. */
  readonly id: string;
  readonly dialect: string;
  /** The key that the request takes; undefined if the server could not be asked. */
  readonly key?: MyKey;
}

interface CheapRequest {
  readonly path: string;
  readonly headers: (token: string) => Record<string, string>;
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** The requests that cost nothing and succeed only with a working key, by dialect. */
const REQUESTS: Readonly<Record<string, CheapRequest>> = {
  anthropic: {
    path: '/v1/models?limit=1',
    headers: (token) => ({ 'x-api-key': token, 'anthropic-version': '2023-06-01' }),
  },
  gemini: { path: '/v1beta/models?pageSize=1', headers: (token) => ({ 'x-goog-api-key': token }) },
};
const OPENAI: CheapRequest = { path: '/v1/models', headers: bearer };
const OPENROUTER: CheapRequest = { path: '/v1/key', headers: bearer }; // its list of models needs no key

/** Sends a real request through the proxy that costs nothing. @returns a short result. @throws CliError when it fails. */
export async function askUpstream(server: string, token: string, upstream: Upstream): Promise<string> {
  const { id, dialect } = upstream;
  const { path, headers } = id === 'openrouter' ? OPENROUTER : (REQUESTS[dialect] ?? OPENAI);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${server}/proxy/${id}${path}`, {
      redirect: 'manual',
      headers: { ...headers(token), 'user-agent': userAgent() },
      signal: AbortSignal.timeout(UPSTREAM_WITHIN_MS),
    });
    text = await response.text();
  } catch (error) {
    throw new CliError(
      `No answer through the proxy (${reasonOf(error)}).`,
      'Give your administrator the time of this check.',
    );
  }
  if (response.ok && jsonObject(text) !== undefined) return `answered ${response.status}`;
  throw refusal(response, text, upstream);
}

/** Returns the error of a refused request, which says who refuses it: TraceVault, the vendor, or something in between. */
function refusal({ status, headers }: Response, text: string, upstream: Upstream): CliError {
  const requestId = headers.get('request-id') ?? headers.get('x-request-id');
  const shownId = requestId === null ? '' : `, request id ${sanitized(requestId)}`;
  const said = `${messageIn(text)} (status ${status}${shownId})`;
  if (requestId?.startsWith(OWN_REQUEST_ID) === true)
    return new CliError(`TraceVault refuses: ${said}`, hintForOwn(status, upstream));
  if (requestId !== null || isVendors(text, upstream))
    return new CliError(`The vendor refuses: ${said}`, hintForVendor(status, upstream));
  return new CliError(
    `Something that is neither TraceVault nor the vendor answers (status ${status}).`,
    'A reverse proxy or a login page of your network stands between. Ask who runs it.',
  );
}

/** Whether a response without a request id is the vendor's: not all vendors send one, but all answer with JSON. */
function isVendors(text: string, { id }: Upstream): boolean {
  return id !== DEFAULT_PROVIDER && jsonObject(text) !== undefined;
}

function hintForOwn(status: number, { id }: Upstream): string {
  if (status === 401) return `Run: tracevault proxy key status --provider ${id}, or log in again`;
  if (status === 404) return 'To see the providers of the server: tracevault proxy key status';
  if (status === 502)
    return 'TraceVault runs, and the vendor does not answer it: its network, its outbound proxy, or the vendor.';
  return 'Give your administrator the request id.';
}

function hintForVendor(status: number, upstream: Upstream): string {
  if (isKeyRefused(status, upstream)) return hintForKey(upstream);
  if (status === 429)
    return 'The key works and has reached its limit. Wait, or raise the limit in the console.';
  if (status >= 500) return 'The vendor has trouble of its own. Try again later.';
  return upstream.id === DEFAULT_PROVIDER
    ? 'Check TRACEVAULT_ANTHROPIC_UPSTREAM on the server.'
    : `Check the base_url of ${upstream.id} in TRACEVAULT_PROVIDERS on the server.`;
}

/** Google answers 400 to a key that it does not know. */
function isKeyRefused(status: number, { dialect }: Upstream): boolean {
  return status === 401 || status === 403 || (dialect === 'gemini' && status === 400);
}

function hintForKey({ id, key }: Upstream): string {
  if (key?.in_use === 'organization')
    return `The key of "${sanitized(key.organization?.name ?? 'your organization')}" does not work there. Ask an owner of the organization to replace it.`;
  return `The stored key does not work there. Replace it: tracevault proxy key set${providerOption(id)}`;
}

/** Returns the message of an error; in all envelopes it is at the same place. */
function messageIn(text: string): string {
  const error = jsonObject(text)?.error as { message?: unknown } | null | undefined;
  return typeof error?.message === 'string' ? sanitized(error.message) : 'no message';
}
