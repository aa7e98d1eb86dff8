import { DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Config } from '../config/config';
import { createDataSource } from './data-source';
import { migrate } from './migrate';

/** What a PostgreSQL that is still starting, or not yet in DNS, answers with. Anything else won't mend itself. */
const NOT_YET_THERE = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', '57P03'];

/** Opens the configured database and brings its schema up to date before anything else is built on it. */
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
            toRetry: (error: unknown) =>
              database.kind === 'postgres' &&
              NOT_YET_THERE.includes(String((error as { code?: unknown }).code)),
          }),
          dataSourceFactory: () => openDatabase(database),
        }),
      ],
    };
  }
}

async function openDatabase(database: Config['database']): Promise<DataSource> {
  const dataSource = await createDataSource(database).initialize();
  try {
    await migrate(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}
