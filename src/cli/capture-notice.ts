import { aside } from './aside';
import { Credentials } from './credentials-file';
import { callOrFail } from './server';
import { sanitized } from './terminal';

/** An organization that keeps what agents say. */
interface KeepingOrg {
  readonly name: string;
  readonly hasAuditors: boolean;
}

/** What the user has chosen about what their agents say. */
interface OwnChoice {
  readonly content: boolean;
  readonly redact: boolean;
}

/** Who keeps what the user's agents say. */
export interface Keeping {
  /** The organizations that do, whether the user wants it or not. */
  readonly orgs: readonly KeepingOrg[];
  /** Null if the server does not say it. */
  readonly own: OwnChoice | null;
}

/** Asks who keeps what the user's agents say: nobody that is known of, if the server can't be asked, or is of an earlier version. */
export async function keepingOf(credentials: Credentials): Promise<Keeping> {
  const { server_url, token } = credentials;
  const ask = (path: string) =>
    aside(credentials, (withinMs) => callOrFail(server_url, 'GET', path, { token, withinMs }));
  const [me, capture] = await Promise.all([ask('auth/me'), ask('me/capture')]);
  const orgs = me?.['orgs'];
  const { content, redact } = Object(capture) as Readonly<Record<string, unknown>>;
  return {
    orgs: Array.isArray(orgs) ? orgs.flatMap((org) => keepingOrg(org) ?? []) : [],
    own: typeof content === 'boolean' && typeof redact === 'boolean' ? { content, redact } : null,
  };
}

/** Returns the lines about who keeps what agents say, and whether with the secrets in it; none if nobody does. */
export function keepingNotes({ orgs, own }: Keeping, server: string): string[] {
  const notes = orgs.map(orgNote);
  if (own?.content === true)
    notes.push('What your agents say is kept: prompts, files and answers, encrypted, for you to read.');
  if (notes.length === 0 || own === null) return notes;
  const secrets = own.redact
    ? 'Secrets are taken out of what is kept.'
    : `Secrets stay in what is kept. Have them taken out: ${server}/me/account/`;
  return [...notes, secrets];
}

function orgNote({ name, hasAuditors }: KeepingOrg): string {
  const others = hasAuditors ? ', and for its auditors with a reason that the person sees' : '';
  return `${name} keeps what agents say in its calls: prompts, files and answers, encrypted, for the person whose call it is to read${others}.`;
}

function keepingOrg(org: unknown): KeepingOrg | undefined {
  const { name, capture, auditors } = Object(org) as Readonly<Record<string, unknown>>;
  if (capture !== 'required' || typeof name !== 'string') return undefined;
  return { name: sanitized(name), hasAuditors: typeof auditors === 'number' && auditors > 0 };
}
