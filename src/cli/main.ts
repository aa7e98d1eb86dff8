#!/usr/bin/env node
import { run } from './program';

// `tracevault proxy info | head -1`: who reads has enough, which is no failure.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));

// Not process.exit(): what was printed into a pipe could still be on its way.
void run(process.argv.slice(2)).then((code) => (process.exitCode = code));
