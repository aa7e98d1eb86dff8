import { PATHS } from '../page-at';

/** Formats that nobody sees, zero-width ones among them. */
const HIDDEN = /\p{Cf}/gu;
const WHOLE = /tvi_[0-9a-f]{64}/i;
/** Broken into lines by a mail program: blanks, marks of a reply, and what quoted-printable breaks a line with. */
const BROKEN = /tvi_(?:[\s>=]*[0-9a-f]){64}/i;

/** The code of an invite in whatever was pasted: a mail, its link, the code in quotes. */
export function codeIn(text: string): string | undefined {
  const seen = text.replace(HIDDEN, '');
  const [found] = WHOLE.exec(seen) ?? BROKEN.exec(seen) ?? [];
  return found?.replace(/[\s>=]/g, '').toLowerCase();
}

/** The way to a page with the code behind the `#`: no browser sends that to a server, so that no log has it. */
export function withCode(path: string, code: string | undefined): string {
  return code === undefined ? path : `${path}#invite=${code}`;
}

/** It leads who has no account to sign up, and everybody else on from there. */
export function inviteLink(publicUrl: string, code: string): string {
  return publicUrl + withCode(PATHS.signUp, code);
}
