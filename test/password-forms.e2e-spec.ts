import { hash } from '@node-rs/argon2';
import { UserEntity } from '../src/auth/user.entity';
import { useApp } from './support/app';

/** One password in its two Unicode forms: macOS types and pastes the second one in places. */
const COMPOSED = 'pässwörd für Zoë';
const DECOMPOSED = COMPOSED.normalize('NFD');
/** 128 characters composed, and 384 UTF-16 units decomposed. */
const MAX_LENGTH = '각'.repeat(128);

describe('a password in another Unicode form', () => {
  const app = useApp();

  beforeAll(async () => {});

  const signIn = async (email: string, password: string): Promise<number> =>
    (await app.api('POST', 'auth/login', { body: { email, password } })).status;
  const signUp = async (password: string): Promise<{ email: string; status: number; text: string }> => {
    const email = `${crypto.randomUUID()}@example.com`;
    const body = { email, password, org_name: email };
    const response = await app.api('POST', 'auth/register', { body });
    return { email, status: response.status, text: await response.text() };
  };

  it.each([
    ['set as NFC, typed as NFD', COMPOSED, DECOMPOSED],
    ['set as NFD, typed as NFC', DECOMPOSED, COMPOSED],
    ['set as NFD, typed as NFD', DECOMPOSED, DECOMPOSED],
    ['of the greatest length, typed as NFD', MAX_LENGTH, MAX_LENGTH.normalize('NFD')],
    ['of the greatest length, set as NFD', MAX_LENGTH.normalize('NFD'), MAX_LENGTH],
  ])('signs in: %s', async (_, chosen, typed) => {
    const { email, status } = await signUp(chosen);
    expect(status).toBe(201);
    expect(await signIn(email, typed)).toBe(200);
    expect(await signIn(email, `${typed}!`)).not.toBe(200);
  });

  it('changes a password, whose current one is typed in the other form', async () => {
    const { email, text } = await signUp(COMPOSED);
    const { token } = JSON.parse(text) as { token: string };
    const body = { current_password: DECOMPOSED, new_password: `${DECOMPOSED} zwei` };
    expect((await app.api('PUT', 'auth/password', { token, body })).status).toBe(204);
    expect(await signIn(email, `${COMPOSED} zwei`)).toBe(200);
  });

  it('signs in with a hash from before passwords were normalized, as it was typed then', async () => {
    const { email, userId, token } = await app.signUp();
    const passwordHash = await hash(DECOMPOSED);
    await app.dataSource.getRepository(UserEntity).update({ id: userId }, { passwordHash });
    expect(await signIn(email, DECOMPOSED)).toBe(200);
    const body = { current_password: DECOMPOSED, new_password: COMPOSED };
    expect((await app.api('PUT', 'auth/password', { token, body })).status).toBe(204);
    expect(await signIn(email, COMPOSED)).toBe(200);
  });

  it('counts its characters as a person does: nine with marks are nine', async () => {
    const { status, text } = await signUp('äöüäöüäöü'.normalize('NFD'));
    expect(status).toBe(400);
    expect(text).toContain('password must have 10 to 128 characters');
  });
});
