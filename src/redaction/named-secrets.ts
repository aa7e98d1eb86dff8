import { SearchedText } from './searched-text';
import { Finding } from './secret-kinds';

/** A line break, a tab or a space, as it is or escaped. */
const SPACE = String.raw`(?:\s|\\{1,8}[nrt])`;
const QUOTES = String.raw`["'\x60\\]{0,9}`;

/** As the source of an expression without groups. */
export const AWS_SECRET_PREFIX = '(?:[Ss]ecret_?[Aa]ccess_?[Kk]ey|SECRET_ACCESS_KEY)';
/** What stands between the name and the value, `","value":"` among it, and the value, whose `/` and `+` may be escaped. */
const ASSIGNED = new RegExp(
  String.raw`${QUOTES}${SPACE}{0,8}(?:=>?|:=?|,${SPACE}{0,8}${QUOTES}[Vv]alue${QUOTES}${SPACE}{0,8}:)${SPACE}{0,8}${QUOTES}` +
    String.raw`((?:[A-Za-z0-9+/]|\\{1,4}(?:/|u002[BbFf])){40})(?![A-Za-z0-9+/=])`,
  'y',
);

/** Finds the secret key of Amazon that is assigned to its name. @param at where the name ends. */
export function awsSecret(searched: SearchedText, at: number): Finding[] {
  ASSIGNED.lastIndex = at;
  const secret = ASSIGNED.exec(searched.text)?.[1];
  if (secret === undefined || secret.endsWith('EXAMPLEKEY')) return [];
  const end = ASSIGNED.lastIndex;
  return [{ kind: 'aws_secret_key', start: searched.behindEscape(end - secret.length), end }];
}

/** As the source of an expression without groups. */
export const URL_PREFIX = String.raw`:(?:\\{0,4}/){2}`;
/** A user, a password, which may hold an `@` that nobody has escaped, and the beginning of a host. */
const USER_AND_PASSWORD =
  /[^\s:@/"'`\\<>{}]{0,100}:((?:[^\s/"'`\\<>?#]|\\{1,4}u00[0-9A-Fa-f]{2}){1,200})@[A-Za-z0-9[]/y;
/** What stands for a password: a variable, a format, or asterisks. */
const PLACEHOLDER = /^(?:\$|%[sv({]|\{|\[|\*+$|\.+$)/;

/** Finds the password in an address. @param at where the address goes on behind `://`. */
export function urlPassword({ text }: SearchedText, at: number): Finding[] {
  USER_AND_PASSWORD.lastIndex = at;
  const password = USER_AND_PASSWORD.exec(text)?.[1];
  if (password === undefined || PLACEHOLDER.test(password)) return [];
  const end = USER_AND_PASSWORD.lastIndex - '@h'.length;
  return [{ kind: 'url_password', start: end - password.length, end }];
}

/** As the source of an expression without groups. */
export const JWT_PREFIX = 'eyJ';
const MAX_HEADER = 4_096;
const MIN_SIGNATURE = 16;

/** Finds a JSON Web Token: a header that names an algorithm, what it says, and a signature. @param start where it begins. */
export function jsonWebToken(searched: SearchedText, start: number): Finding[] {
  const { text } = searched;
  const header = searched.runEnd('dashed', start);
  if (text[header] !== '.' || !text.startsWith(JWT_PREFIX, header + 1)) return [];
  const claims = searched.runEnd('dashed', header + 1);
  if (text[claims] !== '.') return [];
  const end = searched.runEnd('dashed', claims + 1);
  if (end - claims <= MIN_SIGNATURE) return [];
  const said = Buffer.from(text.slice(start, Math.min(header, start + MAX_HEADER)), 'base64url').toString();
  return said.includes('"alg"') ? [{ kind: 'json_web_token', start, end }] : [];
}
