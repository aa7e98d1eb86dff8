import { IncomingMessage, ServerResponse } from 'node:http';
import { Logger } from 'pino';
import { loggedPath } from './logged-path';
import { Outcome, RequestRecord, recordOf } from './request-record';

/** Writes one line for each request when it has ended, however it ended. Never a header's value, a query or a body. */
export function requestLog(logger: Logger) {
  return ({ method, url = '' }: IncomingMessage, response: ServerResponse): void => {
    const record = recordOf(response);
    response.once('close', () => {
      const now = performance.now();
      logger.info(
        {
          request_id: record.requestId,
          user_id: record.userId,
          proxy_token_id: record.proxyTokenId,
          method,
          path: loggedPath(url),
          status: response.headersSent ? response.statusCode : undefined,
          bytes: record.bytes || sentLength(response),
          ms_to_first_byte: milliseconds(
            record,
            record.firstByteAt ?? (response.headersSent ? now : undefined),
          ),
          ms: milliseconds(record, now),
          outcome: outcomeOf(response, record),
          error_type: record.errorType,
          upstream_request_id: record.upstreamRequestId,
        },
        'request',
      );
    });
  };
}

/** How the request behind a response that has closed came out. */
export function outcomeOf(response: ServerResponse, record: RequestRecord = recordOf(response)): Outcome {
  if (record.outcome !== undefined) return record.outcome;
  if (!response.writableFinished) return 'client_aborted';
  if (record.firstByteAt !== undefined) return 'completed'; // passed on whole, the upstream's own errors included
  return response.statusCode >= 400 ? 'rejected' : 'completed';
}

function sentLength(response: ServerResponse): number {
  return Number(response.getHeader('content-length') ?? 0);
}

function milliseconds(record: RequestRecord, at: number | undefined): number | undefined {
  return at === undefined ? undefined : Math.round((at - record.startedAt) * 10) / 10;
}
