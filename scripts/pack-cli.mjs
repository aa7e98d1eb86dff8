/**
 * `npm run pack:cli`: bundles src/cli and its only dependency, commander, into a package that needs nothing from a registry,
 * and packs it into dist/cli under two names: with its version, and as the latest. The server serves both at /cli/. The build
 * is reproducible. An argument names another target folder.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = resolve(process.argv[2] ?? join(root, 'dist/cli'));
const { version, license, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const manifest = {
  name: 'tracevault-cli',
  version,
  private: true,
  description: 'The tracevault command: log in to a TraceVault server and point your agents at its proxy.',
  license,
  engines,
  type: 'commonjs',
  bin: { tracevault: 'bin/tracevault.js' },
  files: ['bin', 'LICENSE-commander'],
};

const folder = mkdtempSync(join(tmpdir(), 'tracevault-cli-'));
try {
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: 'src/cli/main.ts',
      target: 'node20',
      outDir: join(folder, 'bin'),
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        output: { format: 'cjs', entryFileNames: 'tracevault.js', codeSplitting: false },
        checks: { pluginTimings: false },
      },
    },
  });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  copyFileSync(join(root, 'node_modules/commander/LICENSE'), join(folder, 'LICENSE-commander'));
  // npm normalizes the time and mode of every file, which makes the package reproducible.
  npm('pack', folder, '--pack-destination', folder, '--ignore-scripts', '--offline', '--loglevel', 'error');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const packed = join(target, `tracevault-${version}.tgz`);
  copyFileSync(join(folder, `tracevault-cli-${version}.tgz`), `${packed}.part`);
  renameSync(`${packed}.part`, packed);
  copyFileSync(packed, join(target, 'tracevault.tgz'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Runs npm: the one that runs this script, or else the one in PATH. */
function npm(...args) {
  const [program, ...first] =
    process.env.npm_execpath === undefined ? ['npm'] : [process.execPath, process.env.npm_execpath];
  execFileSync(program, [...first, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}
