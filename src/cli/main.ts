#!/usr/bin/env node
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { processIo } from './io';
import { run } from './program';

// The time to connect to each address of a name but the last, in ms. Node's default of 250 is too short for a slow or lossy link.
setDefaultAutoSelectFamilyAttemptTimeout(2_500);

// `tracevault proxy info | head -1`: the reader has closed the pipe, which is not an error.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));

// Not process.exit(): it would discard output that is still being written to a pipe.
void run(process.argv.slice(2), processIo()).then((code) => (process.exitCode = code));
