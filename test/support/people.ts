import { MembershipEntity, Role } from '../../src/orgs/membership.entity';
import { OrgEntity } from '../../src/orgs/org.entity';
import { Person, TestApp } from './app';

/** Puts a person into an organization, beside those that they are in. */
export async function join(app: TestApp, { userId }: Person, org: string, role: Role): Promise<void> {
  const { id } = await app.dataSource.getRepository(OrgEntity).findOneByOrFail({ name: org });
  await app.dataSource.getRepository(MembershipEntity).insert({ userId, orgId: id, role });
}

/** A new person who is in that organization alone, as people are who come by invite. */
export async function newMember(app: TestApp, org: string, role: Role): Promise<Person> {
  const person = await app.signUp();
  await app.dataSource.getRepository(MembershipEntity).delete({ userId: person.userId });
  await app.dataSource.getRepository(OrgEntity).delete({ name: person.org });
  await join(app, person, org, role);
  return { ...person, org };
}

/** What a person is in the organizations that they are in, by name, as they are told. */
export async function rolesOf(app: TestApp, { token }: Person): Promise<Record<string, Role>> {
  const me = (await (await app.api('GET', 'auth/me', { token })).json()) as {
    orgs: { name: string; role: Role }[];
  };
  return Object.fromEntries(me.orgs.map(({ name, role }) => [name, role]));
}

export async function messageOf(response: Response): Promise<string> {
  return String(((await response.json()) as { message: string | string[] }).message);
}

/** Each line of the log that tells of that action, from its start. */
export function toldOf(app: TestApp, action: string): object[] {
  const lines = app.log.split('\n').filter((line) => line.includes(`"action":"${action}"`));
  return lines.map((line) => JSON.parse(line) as object);
}
