import { Repository } from 'typeorm';
import { DeviceAuthorizationEntity } from './device-authorization.entity';

/** How long an expired one stays, so that its client hears `expired_token` and not that the code is unknown. */
const REMEMBER_EXPIRED_MS = 3_600_000;
/** Of everybody together, since anybody may begin one. */
const MAX_WAITING = 2_000;

/** One may be approved meanwhile, and stays then. */
const TOO_MANY = `"status" = 'pending' AND "id" IN (
  SELECT "id" FROM "device_authorizations" WHERE "status" = 'pending' ORDER BY "expires_at" DESC OFFSET $1)`;

/**
 * Deletes what has been over for long, and the oldest of too many that wait. Not under a lock, unlike other maxima: strangers
 * would hold a database connection each while they queue for it, and what two of them leave behind at once the next one
 * sweeps. For the same reason it waits for no row: one that is polled or swept at this moment is left to the next one.
 */
export async function sweepDeviceLogins(logins: Repository<DeviceAuthorizationEntity>): Promise<void> {
  await deleteThose(logins, `"expires_at" < $1`, new Date(Date.now() - REMEMBER_EXPIRED_MS));
  await deleteThose(logins, TOO_MANY, MAX_WAITING);
}

async function deleteThose(
  logins: Repository<DeviceAuthorizationEntity>,
  condition: string,
  parameter: Date | number,
): Promise<void> {
  await logins.query(
    `DELETE FROM "device_authorizations" WHERE "id" IN (
       SELECT "id" FROM "device_authorizations" WHERE ${condition} FOR UPDATE SKIP LOCKED)`,
    [parameter],
  );
}
