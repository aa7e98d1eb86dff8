import { PATHS } from '../app/routes';

/** Matches invisible format characters, such as zero-width ones. */
const HIDDEN = /\p{Cf}/gu;
const WHOLE = /tvi_[0-9a-f]{64}/i;
/** Matches a code that a mail program has wrapped: with whitespace, quote marks (`>`) or quoted-printable soft breaks (`=`). */
const BROKEN = /tvi_(?:[\s>=]*[0-9a-f]){64}/i;

/** Finds an invite's code in any text: a mail, its link, the code in quotes. Returns undefined if there is none. */
export function codeIn(text: string): string | undefined {
  const seen = text.replace(HIDDEN, '');
  const [found] = WHOLE.exec(seen) ?? BROKEN.exec(seen) ?? [];
  return found?.replace(/[\s>=]/g, '').toLowerCase();
}

/** Returns a page's path with the code in the hash, which browsers do not send, so that the code is in no log. */
export function withCode(path: string, code: string | undefined): string {
  return code === undefined ? path : `${path}#invite=${code}`;
}

/** Returns the address of an email that hands over an invite's link, for the user's own program. */
export function inviteMail(link: string, email: string | null): string {
  const subject = encodeURIComponent('Your invite to TraceVault');
  const body = encodeURIComponent(`This link lets you in, once and within seven days:\n\n${link}\n`);
  return `mailto:${encodeURIComponent(email ?? '')}?subject=${subject}&body=${body}`;
}

/** Returns the link of an invite. It leads to the sign-up page, from which users with an account are sent on. */
export function inviteLink(publicUrl: string, code: string): string {
  return publicUrl + withCode(PATHS.signUp, code);
}
