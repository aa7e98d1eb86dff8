import { ANTHROPIC } from '../providers/anthropic';
import { Route } from '../providers/route';
import { ProxyError, ProxyErrorCode } from './proxy-error';

const ROUTE = new Route(ANTHROPIC);

describe('an error of the proxy', () => {
  it.each<[ProxyErrorCode, number, string, string, boolean]>([
    ['missing_token', 401, 'authentication_error', 'rejected', true],
    ['unknown_token', 401, 'authentication_error', 'rejected', true],
    ['vendor_key_as_token', 401, 'authentication_error', 'rejected', true],
    ['org_api_key', 401, 'authentication_error', 'rejected', true],
    ['no_key', 401, 'authentication_error', 'rejected', true],
    ['bad_path', 400, 'api_error', 'rejected', true],
    ['unknown_provider', 400, 'api_error', 'rejected', true],
    ['provider_disabled', 400, 'api_error', 'rejected', true],
    ['resumable_upload', 400, 'api_error', 'rejected', true],
    ['trace_refused', 400, 'api_error', 'rejected', true],
    ['body_too_large', 413, 'request_too_large', 'rejected', true],
    ['too_many_unknown_tokens', 429, 'rate_limit_error', 'rejected', false],
    ['concurrency_limit', 429, 'rate_limit_error', 'rejected', false],
    ['server_busy', 429, 'rate_limit_error', 'rejected', false],
    ['key_unreadable', 500, 'api_error', 'rejected', false],
    ['database_unavailable', 500, 'api_error', 'rejected', false],
    ['internal', 500, 'api_error', 'rejected', false],
    ['upstream_unreachable', 502, 'api_error', 'upstream_failed', false],
    ['upstream_connect_timeout', 502, 'api_error', 'upstream_failed', false],
    ['draining', 503, 'api_error', 'rejected', false],
  ])('%s is %i %s, %s, final: %s', (code, status, type, outcome, isFinal) => {
    const cause = new Error('of the inside');
    const error = new ProxyError(code, cause);
    expect(error).toMatchObject({ name: 'ProxyError', status, type, outcome, isFinal, cause });
    const envelope = JSON.parse(error.envelope(ROUTE, 'req_tv_1', 'https://vault.example.com')) as {
      error: { message: string };
    };
    expect(envelope).toEqual({
      type: 'error',
      error: { type, message: expect.stringMatching(/\w{3}.*\.$/) },
      request_id: 'req_tv_1',
    });
    expect(envelope.error.message).not.toMatch(/\{(?!(?:seconds|providers)\})|of the inside/);
  });

  it('says where to go, by the public URL, wherever its words name it', () => {
    const { error } = JSON.parse(
      new ProxyError('no_key').envelope(ROUTE, '', 'https://vault.example.com'),
    ) as {
      error: { message: string };
    };
    expect(error.message).toContain('Store one at https://vault.example.com/me/keys/');
  });
});
