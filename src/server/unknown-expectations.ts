import { ServerResponse } from 'node:http';

const BODY = JSON.stringify({
  type: 'error',
  error: {
    type: 'api_error',
    message: 'The request has an Expect header other than "100-continue". Send it without that header.',
  },
});

/**
 * Answers a request that expects what nobody knows. node:http would do so by itself, unseen by the log and the limits, and
 * would go on taking in the body that follows; here the connection ends with the answer.
 */
export function refuseExpectation(response: ServerResponse): void {
  response.writeHead(417, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(BODY),
    connection: 'close',
    'x-should-retry': 'false',
  });
  response.end(BODY);
}
