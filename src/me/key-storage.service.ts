import { Inject, Injectable } from '@nestjs/common';
import { ServerResponse } from 'node:http';
import { ApiException } from '../api/api.exception';
import { AuditService } from '../audit/audit.service';
import { ClientInfo } from '../audit/client-info';
import { SignedInUser } from '../auth/principal';
import { CONFIG, Config } from '../config/config';
import { CredentialsService } from '../credentials/credentials.service';
import { KeyOwner } from '../credentials/provider-key.entity';
import { Provider } from '../providers/provider';
import { Routes } from '../providers/routes';
import { KeyCheckService } from '../proxy/key-check.service';
import { CheckedKeyDto, StoreKeyQueryDto } from './me.dto';
import { keyError } from './provider-key';
import { unstoredKey } from './unstored-key';

/** Whose key it is, and who acts. */
interface KeyRequest {
  readonly actor: SignedInUser;
  readonly owner: KeyOwner;
  readonly providerId: string;
  readonly clientInfo: ClientInfo;
}

interface StoreRequest extends Omit<KeyRequest, 'providerId'> {
  readonly provider: Provider;
  readonly key: string;
  readonly options: StoreKeyQueryDto;
  /** The response to the client; the check is aborted when it closes. */
  readonly response: ServerResponse;
}

/** Stores and removes keys of users and organizations, with the check by the provider and the audit trail. */
@Injectable()
export class KeyStorageService {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly audit: AuditService,
    private readonly keyCheck: KeyCheckService,
    private readonly routes: Routes,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Returns the providers to list the keys of: those that people may use, and others for which there is a key. */
  listed(keys: ReadonlyMap<string, unknown> = new Map()): Provider[] {
    const providers = this.routes.list().map(({ provider }) => provider);
    return providers.filter(({ id, enabled }) => enabled || keys.has(id));
  }

  /**
   * Returns the provider with this id, if people may use it.
   * @throws ApiException (provider_not_found)
   */
  provider(id: string): Provider {
    const found = this.routes.find(id);
    if (found !== undefined) return found;
    const known = this.listed().map((provider) => provider.id);
    throw new ApiException(
      'provider_not_found',
      `This server has no such provider, or it is switched off. It has: ${known.join(', ') || 'none'}.`,
    );
  }

  /**
   * Validates a key whose shape depends on the provider. One whose keys have no prefix takes every key: an operator's own
   * endpoint may well be one of the known providers.
   * @throws ApiException with the error of the key.
   */
  validate(value: unknown, provider: Provider): string {
    const owner = typeof value === 'string' ? this.routes.ownerOfKey(value) : undefined;
    if (owner !== undefined && owner.id !== provider.id && provider.key.prefix !== '')
      throw new ApiException(
        'other_providers_key',
        `This looks like ${owner.key.called}, and ${provider.name} would not take it.${owner.enabled ? ` Store it for ${owner.name} (${owner.id}).` : ''}`,
        { field: 'key' },
      );
    const error = keyError(value, provider);
    if (error !== undefined) throw new ApiException(error.code, error.message, { field: 'key' });
    return value as string;
  }

  /**
   * Stores a key that has the right shape, after a check by the provider if that is asked for.
   * @returns the result for the client, without `check` undefined.
   * @throws ApiException (key_refused, provider_error, provider_unreachable, provider_timeout) unless the check succeeded.
   */
  async store(request: StoreRequest): Promise<CheckedKeyDto | undefined> {
    const { owner, provider, key, options, response } = request;
    const { check, force } = options;
    if (check && !force) await this.refuseUnlessItWorks(request);
    if (response.destroyed) return undefined; // a client that disconnected got no result, so nothing is stored
    const { done, fingerprint } = await this.credentials.store(owner, provider, key);
    await this.record({ ...request, providerId: provider.id }, done, { fingerprint });
    if (!check) return undefined;
    response.statusCode = 200;
    return { status: force ? 'unchecked' : 'works', fingerprint };
  }

  /**
   * Removes a key, also that of a provider which the server no longer has; without one, nothing happens.
   * @throws ApiException (provider_not_found) when there is neither such a key nor such a provider.
   */
  async remove(request: KeyRequest): Promise<void> {
    if (await this.credentials.remove(request.owner, request.providerId))
      await this.record(request, 'removed');
    else this.provider(request.providerId);
  }

  private async record(
    { actor, owner, providerId, clientInfo }: KeyRequest,
    done: 'stored' | 'replaced' | 'removed',
    more: { fingerprint?: string } = {},
  ): Promise<void> {
    const event = { actor, clientInfo, details: { provider: providerId, ...more } };
    if (owner.kind === 'user') await this.audit.record({ ...event, action: `provider_key_${done}` });
    else await this.audit.record({ ...event, orgId: owner.id, action: `org_provider_key_${done}` });
  }

  private async refuseUnlessItWorks({ actor, provider, key, response }: StoreRequest): Promise<void> {
    const left = new AbortController();
    response.once('close', () => {
      left.abort();
    });
    const check = await this.keyCheck.check(provider.id, actor.userId, key, left.signal);
    if (check.result !== 'works') throw unstoredKey(provider, check, this.config.keyCheckMs);
  }
}
