#!/usr/bin/env node
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { processIo } from './io';
import { run } from './program';

// For each address of a name but the last, in milliseconds. Node's own 250 are too short for a far or lossy line.
setDefaultAutoSelectFamilyAttemptTimeout(2_500);

// `tracevault proxy info | head -1`: who reads has enough, which is no failure.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));

// Not process.exit(): what was printed into a pipe could still be on its way.
void run(process.argv.slice(2), processIo()).then((code) => (process.exitCode = code));
