/** Reads .env from the current directory, if there is one; what is set already wins. For a server that is built. */
import { createRequire } from 'node:module';

createRequire(import.meta.url)('../dist/src/config/env-file.js').loadEnvFile();
