import { Injectable } from '@nestjs/common';
import { Call, CallKeysService, MissingKey } from '../credentials/call-keys.service';
import { DecryptionError } from '../credentials/encryption.service';
import { Exchange } from '../exchange/exchange';
import { Route } from '../providers/route';
import { UsedKey } from './header-policy';
import { ProxyError } from './proxy-error';

/** Finds the key that an authenticated request takes, and records whose it is. */
@Injectable()
export class KeyOfCall {
  constructor(private readonly keys: CallKeysService) {}

  /**
   * Returns the key in plaintext, which must not be retained, and whose it is; sets the exchange's key and organization.
   * @throws ProxyError (no_key, own_key_required, no_organization_key, key_unreadable, database_unavailable)
   */
  async find(exchange: Exchange, { provider }: Route): Promise<UsedKey> {
    const found = await this.keys.reveal(callOf(exchange.caller, provider.id)).catch((cause: unknown) => {
      throw new ProxyError(
        cause instanceof DecryptionError ? 'key_unreadable' : 'database_unavailable',
        cause,
      );
    });
    if ('reason' in found) throw refusalOf(found);
    exchange.keySource = found.source;
    exchange.keyId = found.keyId;
    exchange.keyStoredAt = found.storedAt;
    exchange.orgId = found.orgId;
    exchange.keepsContent = found.keepsContent;
    exchange.redactsContent = found.redactsContent;
    return { key: found.key, keySource: found.source };
  }
  /**
   * Asserts that a request with the same token would take the same key now.
   * @throws ProxyError (no_key, own_key_required, no_organization_key, key_changed, database_unavailable)
   */
  async assertUnchanged({ caller, providerId, keyId, keyStoredAt }: Exchange): Promise<void> {
    const found = await this.keys.find(callOf(caller, providerId)).catch((cause: unknown) => {
      throw new ProxyError('database_unavailable', cause);
    });
    if ('reason' in found) throw refusalOf(found);
    if (found.keyId !== keyId || found.storedAt.getTime() !== keyStoredAt?.getTime())
      throw new ProxyError('key_changed');
  }
}

function callOf(caller: Exchange['caller'], providerId = ''): Call {
  if (caller === undefined) throw new Error('No guard has found out who is calling');
  return { userId: caller.userId, orgId: caller.orgId ?? undefined, providerId };
}

function refusalOf({ reason, org }: MissingKey): ProxyError {
  return new ProxyError(reason, undefined, { org: org?.displayName ?? org?.name ?? '' });
}
