import { StartError } from '../config/start-error';

const MISSING_RIGHTS = (message: string): string =>
  `The role in DATABASE_URL may not create or change tables: ${message}. ` +
  'Let it, as the owner of the database: GRANT CREATE ON SCHEMA public TO <role>; tables that exist already must belong to it.';

const READ_ONLY = (message: string): string =>
  `The database in DATABASE_URL takes no changes: ${message}. If it is a standby, set DATABASE_URL to the primary; otherwise, ` +
  'as its owner: ALTER DATABASE <name> RESET default_transaction_read_only (or ALTER ROLE <role>, where it is set there).';

/** The SQLSTATEs with which PostgreSQL refuses to create tables, each with a message that says how to fix it. */
const REMEDIES: Readonly<Record<string, (message: string) => string>> = {
  '42501': MISSING_RIGHTS, // insufficient_privilege
  '3F000': MISSING_RIGHTS, // invalid_schema_name: the role has access to no schema to create them in
  '25006': READ_ONLY, // read_only_sql_transaction
};

/** The database refuses to apply migrations until its setup is changed. The message says how. */
export class MigrationRefusedError extends StartError {
  override readonly name = 'MigrationRefusedError';

  /** Converts a database error that has a known remedy into a MigrationRefusedError; returns any other error unchanged. */
  static inPlaceOf(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    const { code, message } = error as Error & { code?: string };
    const remedy = REMEDIES[code ?? ''];
    return remedy === undefined ? error : new MigrationRefusedError(remedy(message), { cause: error });
  }
}
