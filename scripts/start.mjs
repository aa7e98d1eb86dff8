/**
 * `npm start`: builds if the sources are newer than the build, loads .env if there is one, and runs the server in this
 * process, so that signals reach it. `--demo` runs it against the fake upstream from test/support. Production uses
 * `npm run start:prod`, which does not build and reads only the environment.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const built = join(root, 'dist/src/main.js');
const require = createRequire(import.meta.url);

if (needsBuild()) build();
if (process.argv.includes('--demo')) {
  require(join(root, 'dist/test/support/demo.js'));
} else {
  await import('./load-env.mjs');
  require(join(root, 'dist/src/main.js'));
}

function needsBuild() {
  const outputs = ['web/dist/index.html', 'dist/cli/tracevault.tgz', 'dist/database'].map((name) =>
    join(root, name),
  );
  outputs.push(built);
  if (!outputs.every((path) => existsSync(path))) return true;
  const builtAt = Math.min(...outputs.map((path) => statSync(path).mtimeMs));
  const files = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'ormconfig.ts'];
  const scripts = ['scripts/pack-cli.mjs', 'scripts/pack-database.mjs'];
  const inputs = [...files, ...scripts, 'web/index.html', 'web/vite.config.mjs'].map((name) =>
    join(root, name),
  );
  for (const folder of ['src', 'migrations', 'test/support', 'web/src', 'web/public']) {
    const inside = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    inputs.push(...inside.map((entry) => join(entry.parentPath, entry.name)), join(root, folder));
  }
  return inputs.some((path) => statSync(path).mtimeMs > builtAt);
}

function build() {
  console.error('Building...');
  run('@nestjs/cli/bin/nest.js', 'build');
  run('vite/bin/vite.js', 'build', 'web', '--logLevel', 'warn');
  run('../scripts/pack-cli.mjs');
  run('../scripts/pack-database.mjs');
}

function run(tool, ...args) {
  const path = join(root, 'node_modules', tool);
  if (!existsSync(path)) {
    console.error(
      'The build tools are missing. Run `npm ci` first (without --omit=dev and NODE_ENV=production).',
    );
    process.exit(1);
  }
  const stdio = ['ignore', 'inherit', 'inherit'];
  const { status } = spawnSync(process.execPath, [path, ...args], { cwd: root, stdio });
  if (status !== 0) process.exit(status ?? 1);
}
