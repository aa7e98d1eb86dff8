import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The candidates for package.json: beside bin/ in the command's own package, or above src/cli or dist/src/cli in the server's. */
const MANIFESTS = ['..', '../..', '../../..'].map((above) => join(__dirname, above, 'package.json'));

/** Returns the version of the package that contains this command. @throws Error when its package.json is missing. */
export function version(): string {
  const path = MANIFESTS.find((manifest) => existsSync(manifest));
  if (path === undefined) throw new Error('The package.json of the tracevault command is missing.');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
