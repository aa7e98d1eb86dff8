import { otlpAnswerOf } from './otlp-answer';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const answerOf = (status: number, { retryAfter, body = '' }: { retryAfter?: string; body?: string } = {}) =>
  otlpAnswerOf({ status, retryAfter, body }, NOW);

describe('a collector’s answer', () => {
  it.each<[number, string, number]>([
    [200, '', 0],
    [200, '{}', 0],
    [202, 'ok', 0],
    [200, '{"partialSuccess":{}}', 0],
    [200, '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}}', 3],
    [200, '{"partialSuccess":{"rejectedSpans":2}}', 2],
    [200, '{"partialSuccess":{"rejectedSpans":"0","errorMessage":"a warning"}}', 0],
    [200, '{"partialSuccess":{"rejectedSpans":"-1"}}', 0],
    [200, '{"partialSuccess":{"rejectedSpans":"many"}}', 0],
    [200, '{"partialSuccess":null}', 0],
    [200, 'null', 0],
    [200, '{"partialSuccess"', 0],
  ])('of %i with %s says that all spans are taken but %i', (status, body, rejected) => {
    expect(answerOf(status, { body })).toEqual({ kind: 'taken', rejected });
  });

  it.each([301, 307, 400, 401, 403, 404, 408, 413, 500, 501, 505, 0])(
    'of %i says that the spans are refused for good',
    (status) => {
      expect(answerOf(status, { retryAfter: '1' })).toEqual({ kind: 'refused', status });
    },
  );

  it.each<[number, string | undefined, number | undefined]>([
    [429, undefined, undefined],
    [502, '0', 0],
    [503, '7', 7_000],
    [504, 'Sat, 28 Nov 2026 12:00:30 GMT', 30_000],
    [503, 'Sat, 28 Nov 2026 11:00:00 GMT', 0],
    [503, '86400', 300_000],
    [503, 'soon', undefined],
  ])('of %i with Retry-After %s says to send again after %s ms', (status, retryAfter, waitMs) => {
    expect(answerOf(status, retryAfter === undefined ? {} : { retryAfter })).toEqual({
      kind: 'busy',
      status,
      waitMs,
    });
  });
});
