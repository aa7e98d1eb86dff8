import { DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Config } from '../config/config';
import { StartError } from '../config/start-error';
import { createDataSource } from './data-source';
import { migrate } from './migrate';
import { MigrationRefusedError } from './migration-refused';
import { isStartingUp } from './starting-up';

/** Opens the configured database and applies pending migrations before any module that uses it is initialized. */
@Module({})
export class DatabaseModule {
  static with({ database }: Config): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            type: 'postgres',
            retryAttempts: 15,
            retryDelay: 2_000,
            toRetry: (error: unknown) => database.kind === 'postgres' && isStartingUp((error as Error).cause),
          }),
          dataSourceFactory: () => openDatabase(database),
        }),
      ],
    };
  }
}

/** The configured database can't be used. The message names it without its URL, which can contain a password. */
class DatabaseError extends StartError {
  override readonly name = 'DatabaseError';
  constructor(database: Config['database'], cause: unknown) {
    const { code, message } = cause as { code?: unknown; message?: string };
    const which =
      database.kind === 'postgres'
        ? 'The database in DATABASE_URL'
        : `The embedded database in ${database.dataDir}`;
    const hint = typeof code === 'string' && UNVERIFIED.test(code) ? `. ${CERTIFICATE_HINT}` : '';
    super(`${which} can't be used: ${[code, message].filter(Boolean).join(' ')}${hint}`, { cause });
  }
}

/** Matches Node's error codes for a certificate that could not be verified. */
const UNVERIFIED = /CERT|^UNABLE_TO_/;
const CERTIFICATE_HINT =
  'The certificate could not be verified, and in TraceVault sslmode=require checks it too, as verify-full does: ' +
  'add the CA that signed it to the URL, sslrootcert=/path/to/ca.pem';

async function openDatabase(database: Config['database']): Promise<DataSource> {
  const dataSource = createDataSource(database);
  try {
    await dataSource.initialize();
  } catch (error) {
    throw error instanceof StartError ? error : new DatabaseError(database, error);
  }
  try {
    await migrate(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw MigrationRefusedError.inPlaceOf(error);
  }
}
