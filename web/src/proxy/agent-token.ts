import { api, ask, type Answer } from '../api/client';

/**
 * Mints a token for agents: a session beside the browser's own, by the very device login that the command goes through,
 * begun, approved and redeemed by this page.
 */
export async function makeAgentToken(name: string): Promise<Answer<{ name: string; token: string }>> {
  const client_name = name.trim() || 'A token made on the web page';
  const begun = await ask(api.POST('/api/v1/auth/device/authorize', { body: { client_name } }));
  if (!begun.ok) return begun;
  const { user_code, device_code } = begun.data;
  const approved = await ask(
    api.POST('/api/v1/auth/device/approve', { body: { user_code, action: 'approve' } }),
  );
  if (!approved.ok) return approved;
  const redeemed = await ask(api.POST('/api/v1/auth/device/token', { body: { device_code } }));
  if (!redeemed.ok) return redeemed;
  return { ok: true, data: { name: client_name, token: redeemed.data.access_token } };
}
