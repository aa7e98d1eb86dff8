/** Classes of PostgreSQL's errors that are about the values of a row and not about the database. */
const ABOUT_VALUES = /^(?:2[23]|54)/;

/** Returns PostgreSQL's SQLSTATE code of an error; empty for an error that did not come from the database. */
export function sqlStateOf(error: unknown): string {
  const { code } = (error as { readonly driverError?: { readonly code?: unknown } }).driverError ?? {};
  return typeof code === 'string' ? code : '';
}

/** Tells whether the database refused a row for its values, such as a user who has been deleted: it would refuse it again. */
export function isAboutValues(error: unknown): boolean {
  return ABOUT_VALUES.test(sqlStateOf(error));
}
