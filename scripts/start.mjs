/**
 * `npm start`: builds when the sources are newer than the build, reads .env if there is one, then runs the server in
 * this very process, so that signals reach it. `--demo` runs it against the fake upstream from test/support.
 * Production uses `npm run start:prod`: no build, and the environment alone.
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
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  const inputs = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'ormconfig.ts'].map((name) =>
    join(root, name),
  );
  for (const folder of ['src', 'migrations', 'test/support']) {
    const inside = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    inputs.push(...inside.map((entry) => join(entry.parentPath, entry.name)), join(root, folder));
  }
  return inputs.some((path) => statSync(path).mtimeMs > builtAt);
}

function build() {
  const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');
  if (!existsSync(nest)) {
    console.error(
      'The build tools are missing. Run `npm ci` first (without --omit=dev and NODE_ENV=production).',
    );
    process.exit(1);
  }
  console.error('Building...');
  const { status } = spawnSync(process.execPath, [nest, 'build'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}
