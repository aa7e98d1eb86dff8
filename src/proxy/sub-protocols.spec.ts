import { OPENAI } from '../providers/openai';
import { WebSockets } from '../providers/provider';
import { forwardedSubProtocols, subProtocolToken } from './sub-protocols';

const row = OPENAI.webSockets as WebSockets;
const OFFERED =
  'realtime, openai-insecure-api-key.tvp_1, openai-organization.org-1,openai-project.p, openai-beta.v1';

describe('the sub-protocols of a WebSocket', () => {
  it.each([
    ['none', undefined, undefined],
    ['one with the token', 'openai-insecure-api-key.tvp_1', 'tvp_1'],
    ['the token among others', OFFERED, 'tvp_1'],
    ['the first of two tokens', 'openai-insecure-api-key.one, openai-insecure-api-key.two', 'one'],
    ['capitals in its name, and none in the token', 'OpenAI-Insecure-API-Key.tvP_1', 'tvP_1'],
    ['an empty token', 'realtime, openai-insecure-api-key.', undefined],
    ['no token', 'realtime', undefined],
  ])('carry the caller’s token: %s', (_name, offered, token) => {
    expect(subProtocolToken(offered, row)).toBe(token);
  });

  it('go to the provider without any token, and name an account with the caller’s own key', () => {
    const forwarded = ['realtime', 'openai-organization.org-1', 'openai-project.p', 'openai-beta.v1'];
    expect(forwardedSubProtocols(`${OFFERED}, OPENAI-insecure-api-key.`, row, 'own')).toEqual(forwarded);
  });

  it('name no account with an organization’s key', () => {
    expect(forwardedSubProtocols(OFFERED, row, 'organization')).toEqual(['realtime', 'openai-beta.v1']);
    expect(forwardedSubProtocols('OpenAI-Project.p', row, 'organization')).toEqual([]);
  });
});
