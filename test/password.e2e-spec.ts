import { UserEntity } from '../src/auth/user.entity';
import { Person, useApp } from './support/app';

describe('changing a password', () => {
  const app = useApp();
  let person: Person;

  beforeAll(async () => {});
  beforeEach(async () => {
    person = await app.signUp();
  });

  const NEW = 'another pass word';
  const change = (token: string, current_password: string, new_password: string) =>
    app.api('PUT', 'auth/password', { token, body: { current_password, new_password } });
  const signIn = (password: string) =>
    app.api('POST', 'auth/login', { body: { email: person.email, password } });
  const call = async (token: string): Promise<number> =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } })).status;

  it('takes the new one and not the old one, and revokes all sessions but the one that asked', async () => {
    const { token: other } = (await (await signIn(person.password)).json()) as { token: string };
    expect(await call(other)).toBe(200);
    const response = await change(person.token, person.password, NEW);
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(await call(other)).toBe(401);
    expect((await app.api('GET', 'auth/me', { token: other })).status).toBe(401);
    expect(await call(person.token)).toBe(200);
    expect((await signIn(person.password)).status).toBe(401);
    expect((await signIn(NEW)).status).toBe(200);
  });

  it('revokes a device login that was approved and not yet redeemed', async () => {
    const { token } = person;
    const { user_code, device_code } = (await (
      await app.api('POST', 'auth/device/authorize', { body: {} })
    ).json()) as Record<string, string>;
    await app.api('POST', 'auth/device/approve', { token, body: { user_code } });
    await change(token, person.password, NEW);
    expect((await app.api('POST', 'auth/device/token', { body: { device_code } })).status).toBe(400);
  });

  it('needs the current one: without it nothing changes, and the trail tells of it', async () => {
    const response = await change(person.token, 'not my password', NEW);
    expect(response.status).toBe(403);
    expect(((await response.json()) as { message: string }).message).toBe(
      'current_password is not your password. Nothing was changed.',
    );
    expect((await signIn(person.password)).status).toBe(200);
    const trail = await app.api('GET', 'me/audit-events?limit=2', { token: person.token });
    expect((await trail.json()) as object[]).toContainEqual(
      expect.objectContaining({ action: 'password_change_refused' }),
    );
  });

  it.each<[string, object, string]>([
    ['short', { new_password: 'short' }, 'new_password must have 10 to 128 characters'],
    ['common', { new_password: 'password123' }, 'new_password is one of the most common ones'],
    ['missing', {}, 'new_password must have 10 to 128 characters'],
  ])('refuses a new one that is %s', async (_, body, message) => {
    const response = await app.api('PUT', 'auth/password', {
      token: person.token,
      body: { current_password: person.password, ...body },
    });
    expect(response.status).toBe(400);
    expect(String(((await response.json()) as { message: string[] }).message)).toContain(message);
  });

  it('of two at one moment, the second no longer knows the current one', async () => {
    const answers = await Promise.all([
      change(person.token, person.password, `${NEW} one`),
      change(person.token, person.password, `${NEW} two`),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 403]);
  });

  it('keeps no password anywhere', async () => {
    await change(person.token, person.password, NEW);
    const { passwordHash } = await app.dataSource
      .getRepository(UserEntity)
      .findOneByOrFail({ id: person.userId });
    expect(passwordHash).toMatch(/^\$argon2id\$/);
    expect(app.log).not.toContain(NEW);
  });
});
