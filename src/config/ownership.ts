/**
 * Why a file or directory is not trusted. `foreign`: another user owns it. `open`: others can change it, or read it when
 * it is a secret.
 */
export type OwnershipError = 'foreign' | 'open';

interface Ownership {
  readonly uid: number;
  readonly mode: number;
}
type Kind = 'directory' | 'secret';

const MODE = 0o777;
/** The permissions that group and others must not have. */
const REFUSED: Record<Kind, number> = { directory: 0o022, secret: 0o077 };

/**
 * Returns why another user may control a file or directory, or undefined when none does. Root's files count as foreign as
 * well, because what root owns and this user can write to is shared through a group.
 * @param user the uid of this process; undefined on a system without file owners, where everything is trusted.
 */
export function ownershipError(
  { uid, mode }: Ownership,
  kind: Kind,
  user: number | undefined,
): OwnershipError | undefined {
  if (user === undefined) return undefined;
  if (uid !== user) return 'foreign';
  return (mode & REFUSED[kind]) === 0 ? undefined : 'open';
}

/** Returns the effective uid of this process, or undefined on a system without uids. */
export function currentUser(): number | undefined {
  return process.geteuid?.();
}

/** Returns the first half of a message, which says what is wrong. The caller adds what to do. */
export function ownershipInWords(
  path: string,
  { uid, mode }: Ownership,
  kind: Kind,
  problem: OwnershipError,
): string {
  switch (problem) {
    case 'foreign':
      return `${path} belongs to another user (uid ${uid}; the server runs as uid ${currentUser() ?? 'unknown'}).`;
    case 'open': {
      const what = kind === 'secret' ? 'read or changed' : 'changed';
      return `${path} can be ${what} by other users (mode ${(mode & MODE).toString(8)}).`;
    }
  }
}

/** Quotes a path as an argument of a shell command. */
export function shellQuoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
