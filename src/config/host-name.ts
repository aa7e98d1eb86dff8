/** What a name, an address and a port are written with. No `@`, `/` or `%`: a URL's parser would see other parts in it. */
const AUTHORITY = /^[\w.:[\]-]+$/;

/**
 * The host of a `Host` header or of a URL's authority: in small letters, without port and trailing dot, an address in the
 * one way in which a browser writes it (IPv6 in its brackets).
 * @returns undefined for what is no host.
 */
export function hostNameOf(authority: string): string | undefined {
  const url = `http://${authority}`;
  if (!AUTHORITY.test(authority) || !URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/\.$/, '') || undefined;
}
