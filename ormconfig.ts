import { loadConfig } from './src/config/env';
import { loadEnvFile } from './src/config/env-file';
import { createDataSource } from './src/database/data-source';

loadEnvFile(); // as npm start does

/** For the TypeORM command line: the very database that the server would open with this environment. */
export default createDataSource(loadConfig(process.env).database);
