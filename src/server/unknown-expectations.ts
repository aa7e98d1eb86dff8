import { ServerResponse } from 'node:http';
import { Provider } from '../providers/provider';
import { refusalOf } from './refusal';

const MESSAGE = 'The request has an Expect header other than "100-continue". Send it without that header.';

/**
 * Refuses a request with an unknown expectation (417). node:http would do so by itself, bypassing the log and the limits, and
 * would keep reading the body that follows; here the connection ends with the response.
 */
export function refuseExpectation(response: ServerResponse, provider: Provider): void {
  const { contentType, body, noRetry } = refusalOf(provider, 417, MESSAGE);
  response.writeHead(417, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    [noRetry[0]]: noRetry[1],
  });
  response.end(body);
}
