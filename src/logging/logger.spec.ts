import { createLogger } from './logger';
import { loggedPath } from './request-log';

describe('the logger', () => {
  it('writes of an error its message, code, stack and cause, and no other field', () => {
    const lines: string[] = [];
    const logger = createLogger('info', { write: (line) => lines.push(line) });
    const cause = Object.assign(new Error('inner'), {
      code: 'ECONNRESET',
      config: { headers: ['x-api-key', 'sk-ant-CANARY'] },
    });
    const error = Object.assign(new Error('outer', { cause }), {
      parameters: ['CANARY'],
      request: { token: 'CANARY' },
    });
    logger.error({ err: error }, 'failed');
    const line = JSON.parse(lines[0]!);
    expect(line).toMatchObject({
      level: 'error',
      msg: 'failed',
      err: { message: 'outer', cause: { message: 'inner', code: 'ECONNRESET' } },
    });
    expect(lines[0]).not.toContain('CANARY');
  });
});

describe('loggedPath', () => {
  it.each([
    ['/v1/messages?token=tvs_1', '/v1/messages'],
    ['/a#b', '/a'],
    ['/proxy/anthropic/tvs_0123/x', '/proxy/anthropic/tvs_[redacted]/x'],
    ['/proxy/anthropic/tvp_0123/x', '/proxy/anthropic/tvp_[redacted]/x'],
    ['/x/sk-ant-api03-abc', '/x/sk-ant_[redacted]'],
    ['/x/tvk%5f0123', '/x/tvk_[redacted]'],
    [`/${'a'.repeat(1000)}`, `/${'a'.repeat(511)}`],
  ])('%s is logged as %s', (target, path) => {
    expect(loggedPath(target)).toBe(path);
  });
});
