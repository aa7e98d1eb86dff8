import { MembershipEntity, Role } from '../../src/orgs/membership.entity';
import { OrgEntity } from '../../src/orgs/org.entity';
import { Person, TestApp } from './app';

/** Adds a user to an organization, in addition to their present ones. */
export async function join(app: TestApp, { userId }: Person, org: string, role: Role): Promise<void> {
  const { id } = await app.dataSource.getRepository(OrgEntity).findOneByOrFail({ name: org });
  await app.dataSource.getRepository(MembershipEntity).insert({ userId, orgId: id, role });
}

/** Creates a user who is a member of that organization only, like one who signed up by invite. */
export async function newMember(app: TestApp, org: string, role: Role): Promise<Person> {
  const person = await app.signUp();
  await app.dataSource.getRepository(MembershipEntity).delete({ userId: person.userId });
  await app.dataSource.getRepository(OrgEntity).delete({ name: person.org });
  await join(app, person, org, role);
  return { ...person, org };
}

/** Returns a user's roles as the API reports them, by organization name. */
export async function rolesOf(app: TestApp, { token }: Person): Promise<Record<string, Role>> {
  const me = (await (await app.api('GET', 'auth/me', { token })).json()) as {
    orgs: { name: string; role: Role }[];
  };
  return Object.fromEntries(me.orgs.map(({ name, role }) => [name, role]));
}

export async function messageOf(response: Response): Promise<string> {
  return String(((await response.json()) as { message: string | string[] }).message);
}

/** Returns the log lines of an audit action, oldest first. */
export function toldOf(app: TestApp, action: string): object[] {
  const lines = app.log.split('\n').filter((line) => line.includes(`"action":"${action}"`));
  return lines.map((line) => JSON.parse(line) as object);
}
