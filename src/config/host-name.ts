/**
 * The characters of a name, an address and a port. `@`, `/` and `%` are excluded, because a URL parser would find other
 * parts in the text.
 */
const AUTHORITY = /^[\w.:[\]-]+$/;

/**
 * Returns the host of a `Host` header or of a URL's authority: in lower case, without port and trailing dot, and an
 * address in the form in which a browser writes it (IPv6 in brackets).
 * @returns undefined for an invalid host.
 */
export function hostNameOf(authority: string): string | undefined {
  const url = `http://${authority}`;
  if (!AUTHORITY.test(authority) || !URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/\.$/, '') || undefined;
}
