import { createLogger } from './logger';

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
