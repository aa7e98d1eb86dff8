import { isStartingUp } from './starting-up';

const error = (code: string | undefined, message = 'x'): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe('isStartingUp', () => {
  it.each([
    ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
    ...['53300', '57P01', '57P03'],
  ])('%s may heal', (code) => {
    expect(isStartingUp(error(code))).toBe(true);
  });

  it.each(['Connection terminated unexpectedly', 'Connection terminated due to connection timeout'])(
    '%s, without a code, may heal',
    (message) => {
      expect(isStartingUp(error(undefined, message))).toBe(true);
    },
  );

  it('is so when one of a name’s addresses may heal', () => {
    const errors = [error('EADDRNOTAVAIL'), error('ENETUNREACH')];
    expect(isStartingUp(Object.assign(new AggregateError(errors), { code: 'EADDRNOTAVAIL' }))).toBe(true);
  });

  it.each([
    ['a wrong password', error('28P01')],
    ['no such database', error('3D000')],
    ['a certificate', error('DEPTH_ZERO_SELF_SIGNED_CERT')],
    ['no code and another message', error(undefined, 'The server does not support SSL connections')],
    ['no error', 'ECONNREFUSED'],
  ])('%s needs a person', (_, thrown) => {
    expect(isStartingUp(thrown)).toBe(false);
  });
});
