import { loadConfig } from './src/config/env';
import { createDataSource } from './src/database/data-source';

/** For the TypeORM command line: the very database that the server would open with this environment. */
export default createDataSource(loadConfig(process.env).database);
