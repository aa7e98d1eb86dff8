import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Locked {
  readonly name?: string;
  readonly version: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
}

/**
 * What a lockfile may not do without, and runs nowhere: `.npmrc` says so, and each works without its script. That of Google's
 * SDK prints a line; that of protobufjs, which it needs, warns of the version range that a package has.
 */
const SCRIPTS_OF_DEVELOPMENT = [
  ...['@google/genai', '@parcel/watcher', '@swc/core', 'protobufjs', 'unrs-resolver'],
];

const read = (file: string): string => readFileSync(join(__dirname, '..', file), 'utf8');
const nameOf = (path: string, { name }: Locked): string => name ?? path.replace(/^.*node_modules\//, '');

describe('the lockfile', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
  const locked = Object.entries(packages).filter(([path]) => path !== '');
  const withScript = locked.filter(([, { hasInstallScript }]) => hasInstallScript);

  it('holds no package with an install script that a server would be installed with', () => {
    expect(withScript.filter(([, { dev }]) => !dev).map(([path]) => path)).toEqual([]);
  });

  it('holds no other package with an install script than those that are known, and none of them runs', () => {
    expect(withScript.map(([path, entry]) => nameOf(path, entry)).sort()).toEqual(SCRIPTS_OF_DEVELOPMENT);
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  });

  it('holds no reporter of installations, also where a package asks for it', () => {
    expect(locked.map(([path, entry]) => nameOf(path, entry))).not.toContain('@scarf/scarf');
  });

  it('names no address to download from but the public registry', () => {
    const elsewhere = locked.filter(
      ([, { resolved }]) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'),
    );
    expect(elsewhere.map(([path]) => path)).toEqual([]);
  });
});
