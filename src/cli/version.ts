import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Beside bin/ in the command's own package, or above src/cli in the server's: from the sources, or built in dist/. */
const MANIFESTS = ['..', '../..', '../../..'].map((above) => join(__dirname, above, 'package.json'));

/** Of the package that this command came in. */
export function version(): string {
  const path = MANIFESTS.find((manifest) => existsSync(manifest));
  if (path === undefined) throw new Error('The package.json of the tracevault command is missing.');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
