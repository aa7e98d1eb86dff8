import { api, request } from '../api/client';

/** A session that has begun and that the browser does not keep. */
export interface LostSession {
  /** Undefined where the server did not say it. */
  readonly publicUrl: string | undefined;
}

/**
 * Looks whether the browser sends the session that has just begun. One that it does not send is revoked: nobody holds it.
 * @returns undefined when all is well, or when it can't be found out now.
 */
export async function lostSession(token: string): Promise<LostSession | undefined> {
  const me = await request(api.GET('/api/v1/auth/me'));
  if (me.ok || me.refusal.status !== 401) return undefined;
  await request(api.POST('/api/v1/auth/logout', { headers: { authorization: `Bearer ${token}` } }));
  const server = await request(api.GET('/api/v1/server'));
  return { publicUrl: server.ok ? server.data.public_url : undefined };
}
