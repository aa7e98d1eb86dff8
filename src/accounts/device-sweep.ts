import { Repository } from 'typeorm';
import { DeviceAuthorizationEntity } from './device-authorization.entity';

/** The maximum number of pending logins on the server. It is not per user, because anybody may begin one without an account. */
const MAX_WAITING = 2_000;

/**
 * Selects the pending logins above the maximum. The status is checked again on deletion, because a login may be approved
 * in between. The order is total: among logins that expire at the same moment, two concurrent sweeps must choose the same.
 */
const TOO_MANY = `"status" = 'pending' AND "id" IN (
  SELECT "id" FROM "device_authorizations" WHERE "status" = 'pending' ORDER BY "expires_at" DESC, "id" DESC OFFSET $1)`;

/**
 * Deletes the oldest pending logins above the maximum. Unlike other maxima it is enforced without a lock: strangers
 * queueing for one would each hold a database connection. Whatever two concurrent sweeps leave is deleted by the next one.
 * For the same reason a sweep skips rows that a poll or another sweep has locked.
 */
export async function sweepDeviceLogins(logins: Repository<DeviceAuthorizationEntity>): Promise<void> {
  await logins.query(
    `DELETE FROM "device_authorizations" WHERE "id" IN (
       SELECT "id" FROM "device_authorizations" WHERE ${TOO_MANY} FOR UPDATE SKIP LOCKED)`,
    [MAX_WAITING],
  );
}
