import { ServerResponse } from 'node:http';
import { Provider } from '../providers/provider';
import { refusalOf } from './refusal';

const MESSAGE = 'The request has an Expect header other than "100-continue". Send it without that header.';

/**
 * Answers a request that expects what nobody knows. node:http would do so by itself, unseen by the log and the limits, and
 * would go on taking in the body that follows; here the connection ends with the answer.
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
