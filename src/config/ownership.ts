/** `foreign`: another user's. `open`: others can change it, or read it where it is a secret. */
export type OwnershipError = 'foreign' | 'open';

interface Ownership {
  readonly uid: number;
  readonly mode: number;
}
type Kind = 'directory' | 'secret';

const MODE = 0o777;
/** What group and others may not do. */
const REFUSED: Record<Kind, number> = { directory: 0o022, secret: 0o077 };

/**
 * Whether somebody else than `user` has a hand in it. Root's is foreign, too: what root owns and a user can write to is shared
 * by its group. A user of undefined is a system without owners.
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

/** Whom the system takes this process for. */
export function currentUser(): number | undefined {
  return process.geteuid?.();
}

/** The first half of a message, which says what is wrong; what to do follows. */
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

/** As an argument of a shell's line. */
export function shellQuoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
