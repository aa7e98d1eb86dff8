import { api, request } from '../api/client';

/** A session that was created but that the browser does not send. */
export interface LostSession {
  /** The server's public URL; undefined if the server could not be asked for it. */
  readonly publicUrl: string | undefined;
}

/**
 * Checks whether the browser sends the session that was just created, and revokes it otherwise, because nobody could use it.
 * @returns undefined when the session works, or when that can't be determined.
 */
export async function lostSession(token: string): Promise<LostSession | undefined> {
  const me = await request(api.GET('/api/v1/auth/me'));
  if (me.ok || me.refusal.status !== 401) return undefined;
  await request(api.POST('/api/v1/auth/logout', { headers: { authorization: `Bearer ${token}` } }));
  const server = await request(api.GET('/api/v1/server'));
  return { publicUrl: server.ok ? server.data.public_url : undefined };
}
