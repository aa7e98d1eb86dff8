import { existsSync } from 'node:fs';
import { loadConfig } from './src/config/env';
import { createDataSource } from './src/database/data-source';

if (existsSync('.env')) process.loadEnvFile('.env'); // as npm start does

/** For the TypeORM command line: the very database that the server would open with this environment. */
export default createDataSource(loadConfig(process.env).database);
