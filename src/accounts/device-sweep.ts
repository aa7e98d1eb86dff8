import { Repository } from 'typeorm';
import { DeviceAuthorizationEntity } from './device-authorization.entity';

/** Of everybody together, since anybody may begin one. */
const MAX_WAITING = 2_000;

/** One may be approved meanwhile, and stays then. */
const TOO_MANY = `"status" = 'pending' AND "id" IN (
  SELECT "id" FROM "device_authorizations" WHERE "status" = 'pending' ORDER BY "expires_at" DESC OFFSET $1)`;

/**
 * Deletes the oldest of too many that wait. Not under a lock, unlike other maxima: strangers would hold a database
 * connection each while they queue for it, and what two of them leave behind at once the next one sweeps. For the same reason it waits for no row: one that is polled or swept at this moment is left to the next one.
 */
export async function sweepDeviceLogins(logins: Repository<DeviceAuthorizationEntity>): Promise<void> {
  await logins.query(
    `DELETE FROM "device_authorizations" WHERE "id" IN (
       SELECT "id" FROM "device_authorizations" WHERE ${TOO_MANY} FOR UPDATE SKIP LOCKED)`,
    [MAX_WAITING],
  );
}
