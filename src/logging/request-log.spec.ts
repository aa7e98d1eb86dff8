import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { pino } from 'pino';
import { Exchange } from '../exchange/exchange';
import { createLogger } from './logger';
import { requestLog } from './request-log';

const NOBODY = { forward: () => [], end: () => undefined, tapFailed: () => undefined };

/** Compares the observer's line with the one that pino writes for the same fields. */
describe('requestLog', () => {
  let lines: string[];
  const logger = (level: 'info' | 'warn' = 'info') =>
    createLogger(level, { write: (line) => lines.push(line) });

  beforeEach(() => void (lines = []));

  function exchange(target: string, change: (exchange: Exchange) => void = () => undefined): Exchange {
    const request = Object.assign(new IncomingMessage(new Socket()), { method: 'POST', url: target });
    const one = new Exchange(request, new ServerResponse(request), 'proxy', NOBODY);
    change(one);
    one.end();
    return one;
  }

  const hostile = '"\\\n\u2028\u0000é\u{1f4a9}\ud800';
  it.each<[string, string, (exchange: Exchange) => void]>([
    ['with nothing known', '/', () => undefined],
    ['with quotes and control characters in its path', `/a"b\\c${hostile}?query`, () => undefined],
    [
      'with everything known',
      '/proxy/anthropic/v1/messages?beta=true',
      (one) => {
        one.caller = { userId: 'user' };
        one.proxyTokenId = 'token';
        one.keySource = 'own';
        one.responseBytes = 12_345;
        one.responseHeadAt = one.startedAt + 1.2345;
        one.attempts.push({ sentAt: 1, headAt: 2, requestId: hostile, failure: undefined });
        one.fail({ outcome: 'rejected', type: 'api_error' });
        one.response.writeHead(204);
      },
    ],
  ])('writes what pino would: a request %s', (_, target, change) => {
    const one = exchange(target, change);
    requestLog(logger().child({ worker: 3 })).onEnd?.(one);
    const [line = ''] = lines;
    const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
    lines = [];
    pino(
      { base: null, timestamp: false, formatters: { level: (label) => ({ level: label }) } },
      { write: (text: string) => lines.push(text) },
    ).info(fields, 'request');
    const [likePino = ''] = lines;
    expect(line.replace(`"time":${JSON.stringify(time)},`, '')).toBe(likePino);
    expect([level, msg, fields.worker]).toEqual(['info', 'request', 3]);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(line.indexOf('\n')).toBe(line.length - 1);
  });

  it('writes nothing where lines of this level are not wanted', () => {
    requestLog(logger('warn')).onEnd?.(exchange('/'));
    expect(lines).toEqual([]);
  });
});
