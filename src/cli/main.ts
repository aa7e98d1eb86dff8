#!/usr/bin/env node
import { run } from './program';

// Not process.exit(): what was printed into a pipe could still be on its way.
void run(process.argv.slice(2)).then((code) => (process.exitCode = code));
