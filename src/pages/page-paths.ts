import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reads the paths of the pages, from the table by which their script routes (web/src/app/routes.json; the build puts it beside the
 * pages).
 * @param root the folder with the built pages.
 * @returns a function that tells whether a path is one of a page: with or without a slash at the end, and with an organization's name
 *   where the table has `:org`.
 */
export function pagePaths(root: string): (path: string) => boolean {
  const table = JSON.parse(readFileSync(join(root, 'routes.json'), 'utf8')) as Record<string, string>;
  const patterns = Object.values(table).map(
    (path) => new RegExp(`^${path.replace(/\/$/, '').replace(':org', '[a-z0-9-]+')}/?$`),
  );
  return (path) => patterns.some((pattern) => pattern.test(path));
}
