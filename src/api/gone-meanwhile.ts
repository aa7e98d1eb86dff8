import { EntityNotFoundError, QueryFailedError } from 'typeorm';
import { ApiException } from './api.exception';

const ACCOUNT = 'This account was deleted.';
const ORG = 'This organization was deleted.';
/** PostgreSQL's error code for a row that refers to a missing row. */
const FOREIGN_KEY_VIOLATION = '23503';

/**
 * Translates a database error of a request that was authorized just before the account or organization it refers to was
 * deleted.
 * @returns undefined for any other error.
 */
export function goneMeanwhile(error: unknown): ApiException | undefined {
  if (error instanceof EntityNotFoundError)
    return targetOf(error) === 'UserEntity' ? new ApiException('account_deleted', ACCOUNT) : undefined;
  if (!(error instanceof QueryFailedError)) return undefined;
  const { code, constraint = '' } = error.driverError as Error & { code?: string; constraint?: string };
  if (code !== FOREIGN_KEY_VIOLATION) return undefined;
  if (/_(user_id|created_by)_fkey$/.test(constraint)) return new ApiException('account_deleted', ACCOUNT);
  return constraint.endsWith('_org_id_fkey') ? new ApiException('org_not_found', ORG) : undefined;
}

function targetOf({ entityClass }: EntityNotFoundError): string | undefined {
  return typeof entityClass === 'function' ? entityClass.name : undefined;
}
