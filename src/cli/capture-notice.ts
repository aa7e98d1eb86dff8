import { aside } from './aside';
import { Credentials } from './credentials-file';
import { callOrFail } from './server';
import { sanitized } from './terminal';

/** An organization that keeps what agents say. */
interface KeepingOrg {
  readonly name: string;
  readonly hasAuditors: boolean;
}

/**
 * Returns the user's organizations that keep what agents say, whether the user wants it or not; none if the server
 * can't be asked, or is of an earlier version.
 */
export async function keepingOrgs(credentials: Credentials): Promise<KeepingOrg[]> {
  const { server_url, token } = credentials;
  const me = await aside(credentials, (withinMs) =>
    callOrFail(server_url, 'GET', 'auth/me', { token, withinMs }),
  );
  const orgs = me?.['orgs'];
  return Array.isArray(orgs) ? orgs.flatMap((org) => keepingOrg(org) ?? []) : [];
}

/** Returns the line about an organization that keeps what agents say. */
export function keepingNotice({ name, hasAuditors }: KeepingOrg): string {
  const others = hasAuditors ? ', and for its auditors with a reason that the person sees' : '';
  return `${name} keeps what agents say in its calls: prompts, files and answers, encrypted, for the person whose call it is to read${others}.`;
}

function keepingOrg(org: unknown): KeepingOrg | undefined {
  const { name, capture, auditors } = Object(org) as Readonly<Record<string, unknown>>;
  if (capture !== 'required' || typeof name !== 'string') return undefined;
  return { name: sanitized(name), hasAuditors: typeof auditors === 'number' && auditors > 0 };
}
