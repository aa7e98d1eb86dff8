import { StartError } from '../config/start-error';

const MISSING_RIGHTS = (message: string): string =>
  `The role in DATABASE_URL may not create or change tables: ${message}. ` +
  'Let it, as the owner of the database: GRANT CREATE ON SCHEMA public TO <role>; tables that exist already must belong to it.';

const READ_ONLY = (message: string): string =>
  `The database in DATABASE_URL takes no changes: ${message}. If it is a standby, set DATABASE_URL to the primary; otherwise, ` +
  'as its owner: ALTER DATABASE <name> RESET default_transaction_read_only (or ALTER ROLE <role>, where it is set there).';

/** What PostgreSQL answers where tables can't be created, and what a person has to do about it. */
const REMEDIES: Readonly<Record<string, (message: string) => string>> = {
  '42501': MISSING_RIGHTS, // insufficient_privilege
  '3F000': MISSING_RIGHTS, // invalid_schema_name: the role sees no schema to create them in
  '25006': READ_ONLY, // read_only_sql_transaction
};

/** The database refuses to bring its schema up to date until somebody changes how it is set up. */
export class MigrationRefusedError extends StartError {
  override readonly name = 'MigrationRefusedError';

  /** @returns the refusal in words in place of the database's error; any other error as it is. */
  static inPlaceOf(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    const { code, message } = error as Error & { code?: string };
    const remedy = REMEDIES[code ?? ''];
    return remedy === undefined ? error : new MigrationRefusedError(remedy(message), { cause: error });
  }
}
