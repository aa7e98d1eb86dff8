import { OpenAPIObject } from '@nestjs/swagger';
import { AuditEventEntity } from '../src/audit/audit-event.entity';
import { SessionEntity } from '../src/auth/session.entity';
import { UserEntity } from '../src/auth/user.entity';
import { Person, useApp } from './support/app';

const BUSY =
  'Too many passwords are being checked at this moment. Wait for the seconds in the Retry-After header, then try again.';

describe('when more passwords come than can be hashed', () => {
  const app = useApp();
  let person: Person;

  beforeAll(async () => {});
  beforeEach(async () => {
    person = await app.signUp(null);
  });

  const login = ({ email, password } = person) =>
    app.api('POST', 'auth/login', { body: { email, password } });
  const register = (email: string) =>
    app.api('POST', 'auth/register', { body: { email, password: 'a pass word of mine', org_name: email } });
  const change = (next: string) =>
    app.api('PUT', 'auth/password', {
      token: person.token,
      body: { current_password: person.password, new_password: next },
    });
  const failedSignIns = (): Promise<number> =>
    app.dataSource.getRepository(AuditEventEntity).countBy({ action: 'sign_in_failed' });

  it('some are told to come again, and the others are answered', async () => {
    const failed = await failedSignIns();
    const answers = await Promise.all(
      Array.from({ length: 150 }, (_, n) =>
        login(n % 20 === 0 ? person : { ...person, email: `stranger-${n}@example.com` }),
      ),
    );
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
    expect(count(200) + count(401) + count(503)).toBe(answers.length);
    for (const status of [200, 401, 503]) expect([status, count(status) > 0]).toEqual([status, true]);
    expect(await failedSignIns()).toBe(failed + count(401));
    const sessions = await app.dataSource
      .getRepository(SessionEntity)
      .countBy({ userId: person.userId, kind: 'login' });
    expect(sessions).toBe(count(200));
    expect((await login()).status).toBe(200);
  });

  it('it is said in the API’s own way, with a Retry-After, and as no fault of the server', async () => {
    const leave = app.occupyHasher();
    const refused = await login();
    leave();
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      503,
      '1',
      {
        statusCode: 503,
        error: 'Service Unavailable',
        message: BUSY,
        errors: [{ code: 'server_busy', message: BUSY }],
      },
    ]);
    expect(app.log).not.toContain('A request failed');
  });

  it('nothing was done for those who are refused', async () => {
    const email = 'too-late@example.com';
    const taken: unknown[] = [];
    const leave = app.occupyHasher();
    const { master: pool } = app.dataSource.driver as unknown as { master: NodeJS.EventEmitter };
    const note = (): void => void taken.push('a connection');
    pool.on('acquire', note);
    const anonymous = [await login(), await register(email)];
    pool.off('acquire', note);
    const refused = [...anonymous, await change('another pass word')];
    leave();
    expect(refused.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(taken).toEqual([]);
    expect(await app.dataSource.getRepository(UserEntity).existsBy({ email })).toBe(false);
    expect((await login()).status).toBe(200);
    expect((await register(email)).status).toBe(201);
    expect((await change('another pass word')).status).toBe(204);
  });

  it('those whose request is refused for another reason give their place back', async () => {
    for (let round = 0; round < 40; round++)
      expect((await app.api('POST', 'auth/login', { body: {} })).status).toBe(400);
    expect((await login()).status).toBe(200);
  });

  it('the document of the API says so at each endpoint that takes a password', async () => {
    const document = (await (await fetch(`${app.url}/api/docs-json`)).json()) as OpenAPIObject;
    for (const [path, method] of [
      ['login', 'post'],
      ['register', 'post'],
      ['password', 'put'],
    ] as const)
      expect(document.paths[`/api/v1/auth/${path}`]?.[method]?.responses['503']).toMatchObject({
        'x-error-codes': ['server_busy', 'database_unavailable'],
      });
  });
});
