/** Returns the origin and the path of a URL, without slashes at the end. */
export function withoutTrailingSlash(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, '');
}
