import { MembershipEntity, Role } from '../src/orgs/membership.entity';
import { OrgEntity } from '../src/orgs/org.entity';
import { Person, useApp } from './support/app';
import { postgresOnly } from './support/which-database';

const ROUNDS = 5;

/** What begins access and what ends it, at one moment: either the end undoes it, or it comes after and is refused. */
postgresOnly('at one moment', () => {
  const app = useApp();
  beforeAll(async () => {});

  const isIn = async (token: string): Promise<boolean> =>
    (await app.api('GET', 'auth/me', { token })).status === 200;
  const tokenOf = async (response: Response): Promise<string> =>
    ((await response.json()) as { token: string }).token;
  const login = ({ email, password }: Person) => app.api('POST', 'auth/login', { body: { email, password } });

  async function join({ userId }: Person, org: string, role: Role, alone = false): Promise<void> {
    const { id } = await app.dataSource.getRepository(OrgEntity).findOneByOrFail({ name: org });
    const memberships = app.dataSource.getRepository(MembershipEntity);
    if (alone) await memberships.delete({ userId });
    await memberships.insert({ userId, orgId: id, role });
  }
  const deactivate = (by: Person, whom: Person, org: string) =>
    app.api('POST', `orgs/${org}/members/${whom.userId}/deactivate`, { token: by.token });

  it('no sign-in with the old password outlasts a change of it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const person = await app.signUp(null);
      const new_password = 'another pass word';
      const body = { current_password: person.password, new_password };
      let done = false;
      const change = app.api('PUT', 'auth/password', { token: person.token, body }).then(({ status }) => {
        done = true;
        return status;
      });
      const logins: Promise<Response>[] = [];
      while (!done) {
        logins.push(login(person));
        await Promise.race([change, logins.at(-1)]);
      }
      expect(await change).toBe(204);
      const answers = await Promise.all(logins);
      for (const answer of answers) {
        expect([200, 401]).toContain(answer.status);
        if (answer.status === 200) expect(await isIn(await tokenOf(answer))).toBe(false);
      }
    }
  });

  it('no device login outlasts the end of the session that approved it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const person = await app.signUp(null);
      const other = await tokenOf(await login(person));
      const authorized = await app.api('POST', 'auth/device/authorize', { body: {} });
      const { user_code, device_code } = (await authorized.json()) as Record<string, string>;
      const body = { current_password: person.password, new_password: 'another pass word' };
      const change = app.api('PUT', 'auth/password', { token: person.token, body });
      let status = 0;
      while (status !== 204 && status !== 401)
        ({ status } = await app.api('POST', 'auth/device/approve', { token: other, body: { user_code } }));
      await change;
      const poll = await app.api('POST', 'auth/device/token', { body: { device_code } });
      expect([round, poll.status]).toEqual([round, 400]);
    }
  });

  it('no proxy token that is created while an account is deactivated works when it is let in again', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [owner, person] = [await app.signUp(null), await app.signUp()];
      await join(person, owner.org, 'developer', true);
      const make = () => app.api('POST', 'me/proxy-tokens', { token: person.token, body: { name: 'ci' } });
      const created = Array.from({ length: 4 }, make);
      await Promise.race(created);
      let done = false;
      const end = deactivate(owner, person, owner.org).finally(() => (done = true));
      while (!done) {
        created.push(make());
        await Promise.race([end, created.at(-1)]);
      }
      expect((await end).status).toBe(204);
      const answers = await Promise.all(created);
      const again = `orgs/${owner.org}/members/${person.userId}/reactivate`;
      expect((await app.api('POST', again, { token: owner.token })).status).toBe(204);
      for (const answer of answers) {
        expect([201, 401, 409]).toContain(answer.status);
        if (answer.status !== 201) continue;
        const headers = { 'x-api-key': await tokenOf(answer) };
        const call = await fetch(`${app.proxyUrl}/v1/models`, { headers });
        expect([round, call.status]).toEqual([round, 401]);
      }
    }
  });

  it('two owners who deactivate each other, each in another org, leave one', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = [await app.signUp(null), await app.signUp(null)];
      await join(one, other.org, 'owner');
      await join(other, one.org, 'owner');
      const answers = await Promise.all([deactivate(one, other, one.org), deactivate(other, one, other.org)]);
      expect(answers.map(({ status }) => status < 500)).toEqual([true, true]);
      expect([await isIn(one.token), await isIn(other.token)].sort()).toEqual([false, true]);
    }
  });

  it('an invite that is used while its maker is deactivated ends in words, and none is left to use', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [owner, admin] = [await app.signUp(null), await app.signUp(null)];
      await join(admin, owner.org, 'admin', true);
      const make = () =>
        app.api('POST', `orgs/${owner.org}/invites`, { token: admin.token, body: { role: 'admin' } });
      const created = await Promise.all([make(), make(), make()]);
      const codes = await Promise.all(
        created.map(async (one) => ((await one.json()) as { code: string }).code),
      );
      const use = (invite: string, index: number) =>
        app.api('POST', 'auth/register', {
          body: { email: `r${round}-${index}@example.com`, password: 'a pass word of mine', invite },
        });
      const late: Promise<Response>[] = [make(), make()];
      const answers = await Promise.all([deactivate(owner, admin, owner.org), ...codes.map(use), ...late]);
      for (const { status } of answers) expect(status).toBeLessThan(500);
      for (const answer of await Promise.all(late)) {
        if (answer.status !== 201) continue;
        const { code } = (await answer.clone().json()) as { code: string };
        expect((await use(code, 9)).status).toBe(403);
      }
    }
  });
});
