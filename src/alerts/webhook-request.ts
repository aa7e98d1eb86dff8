import { request as httpRequest, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Config } from '../config/config';
import { outboundAgent } from '../proxy/outbound-agent';

/** How long one try may take, from connecting to the end of the answer. */
const TRY_MS = 10_000;

/** A message with its headers. */
interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends a message to the operator's URL, through the outbound proxy if there is one. Redirects are not followed, and of the answer
 * only the status is read.
 * @returns the status.
 * @throws Error when there is no answer. It never names the URL, which can hold a secret.
 */
export async function post(
  url: string,
  { headers, body }: Sent,
  { upstream, stopped }: { readonly upstream: Config['upstream']; readonly stopped: AbortSignal },
): Promise<number> {
  const { protocol } = new URL(url);
  const send = protocol === 'https:' ? httpsRequest : httpRequest;
  const options: RequestOptions = {
    method: 'POST',
    agent: outboundAgent(protocol, upstream, { keepAlive: false }),
    signal: AbortSignal.any([AbortSignal.timeout(TRY_MS), stopped]),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'tracevault',
      ...headers,
    },
  };
  return new Promise((resolve, reject) => {
    const request = send(url, options, (response) => {
      resolve(response.statusCode ?? 0);
      response.resume(); // for as long as a try may take
    });
    request.on('error', reject);
    request.end(body);
  });
}
