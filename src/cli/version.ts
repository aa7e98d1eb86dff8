import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Beside bin/ in the command's own package, or above dist/src/cli in the server's. */
const MANIFESTS = [join(__dirname, '../package.json'), join(__dirname, '../../../package.json')];

/** Of the package that this command came in. */
export function version(): string {
  const path = MANIFESTS.find((manifest) => existsSync(manifest));
  if (path === undefined) throw new Error('The package.json of the tracevault command is missing.');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
