import { Person, useApp } from './support/app';
import { PageSession, signInAsPage } from './support/page-session';

const SHOWN_USER = 'x-tracevault-shown-user';

describe('a page that shows one person, in a browser in which another one has signed in since', () => {
  const app = useApp();
  let before: Person;
  let now: PageSession;

  beforeAll(async () => {
    before = await app.signUp();
    now = await signInAsPage(app);
  });

  const send = async (method: string, path: string, shown: string): Promise<[number, string]> => {
    const headers = { ...now.headers, [SHOWN_USER]: shown };
    const body = method === 'PUT' ? { body: { key: 'sk-ant-of-the-one-before' } } : {};
    const response = await app.api(method, path, { headers, ...body });
    const text = await response.text();
    return [response.status, text === '' ? '' : (JSON.parse(text) as { message: string }).message];
  };
  const isStored = async (): Promise<boolean> => {
    const status = await app.api('GET', 'me/anthropic-key', { headers: now.headers });
    return ((await status.json()) as { configured: boolean }).configured;
  };

  it('reads nothing of the other and stores nothing for them', async () => {
    await app.api('DELETE', 'me/anthropic-key', { headers: now.headers });
    for (const [method, path] of [
      ['GET', 'me/anthropic-key'],
      ['GET', 'auth/sessions'],
      ['PUT', 'me/anthropic-key'],
    ] as const)
      expect(await send(method, path, before.userId)).toEqual([
        401,
        'Somebody else is signed in in this browser now. Load the page again.',
      ]);
    expect(await isStored()).toBe(false);
  });

  it('ends nobody’s session', async () => {
    expect((await send('POST', 'auth/logout', before.userId))[0]).toBe(401);
    expect((await app.api('GET', 'auth/me', { headers: now.headers })).status).toBe(200);
  });

  it('is told whose data a response contains, also when it does not know yet who is signed in', async () => {
    const response = await app.api('GET', 'auth/sessions', { headers: now.headers });
    expect(response.headers.get(SHOWN_USER)).toBe(now.person.userId);
    const refused = await app.api('GET', 'auth/sessions', {
      headers: { ...now.headers, [SHOWN_USER]: before.userId },
    });
    expect(refused.headers.has(SHOWN_USER)).toBe(false);
  });

  it('goes on when it shows who is signed in', async () => {
    expect((await send('PUT', 'me/anthropic-key', now.person.userId))[0]).toBe(204);
    expect(await isStored()).toBe(true);
  });
});
