/** Loads .env from the current directory, if there is one, for a built server; variables that are already set take precedence. */
import { createRequire } from 'node:module';

createRequire(import.meta.url)('../dist/src/config/env-file.js').loadEnvFile();
