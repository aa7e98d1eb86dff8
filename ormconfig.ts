import { loadConfig } from './src/config/env';
import { loadEnvFile } from './src/config/env-file';
import { createDataSource } from './src/database/data-source';

loadEnvFile(); // like npm start

/** The data source for the TypeORM command line: the database that the server would open in this environment. */
export default createDataSource(loadConfig(process.env).database);
