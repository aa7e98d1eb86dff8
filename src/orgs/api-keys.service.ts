import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IncomingMessage } from 'node:http';
import { IsNull, LessThan, Repository } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { KeyedMutex } from '../auth/keyed-mutex';
import { OrgKeyHolder, OrgKeyVerifier } from '../auth/principal';
import { hashToken, mintToken, ORG_API_KEY } from '../auth/token';
import { UnknownTokenLimiter } from '../auth/unknown-token-limiter';
import { LAST_USED_EXACT_TO_MS } from '../auth/last-used-tracker';
import { ApiKeyEntity } from './api-key.entity';
import { OrgEntity } from './org.entity';

/** The length of the displayed prefix: `tvk_` and eight digits, enough to tell keys apart and useless for guessing one. */
const SHOWN_CHARACTERS = 12;
/** The maximum number of API keys per organization. */
const MAX_API_KEYS = 100;

const TOO_MANY_API_KEYS = `The organization has ${MAX_API_KEYS} API keys, which is the most it can have. Remove one that is not used any more, then try again.`;

export interface NewApiKey {
  readonly entity: ApiKeyEntity;
  /** The key itself, which is available only here: it is not stored. */
  readonly key: string;
}

@Injectable()
export class ApiKeysService implements OrgKeyVerifier {
  constructor(
    @InjectRepository(ApiKeyEntity) private readonly apiKeys: Repository<ApiKeyEntity>,
    private readonly mutex: KeyedMutex,
    private readonly unknownTokens: UnknownTokenLimiter,
  ) {}

  /**
   * Creates an API key. Locks the organization's row, so that two concurrent requests can't exceed the limit together.
   * @throws ApiException (too_many_api_keys) when the organization has reached the limit.
   */
  async create(orgId: string, createdBy: string, name: string): Promise<NewApiKey> {
    return this.mutex.run(orgId, () => this.insert(orgId, createdBy, name));
  }

  private async insert(orgId: string, createdBy: string, name: string): Promise<NewApiKey> {
    return this.apiKeys.manager.transaction(async (transaction) => {
      await transaction.findOne(OrgEntity, { where: { id: orgId }, lock: { mode: 'for_no_key_update' } });
      const apiKeys = transaction.getRepository(ApiKeyEntity);
      if ((await apiKeys.countBy({ orgId })) >= MAX_API_KEYS)
        throw new ApiException('too_many_api_keys', TOO_MANY_API_KEYS);
      const key = mintToken('tvk');
      const entity = await apiKeys.save({
        orgId,
        createdBy,
        name,
        keyHash: hashToken(key),
        prefix: key.slice(0, SHOWN_CHARACTERS),
        lastUsedAt: null,
      });
      this.unknownTokens.markKnown(entity.keyHash);
      return { entity, key };
    });
  }

  /** Returns the organization's API keys, newest first. */
  async list(orgId: string): Promise<ApiKeyEntity[]> {
    return this.apiKeys.find({ where: { orgId }, order: { createdAt: 'DESC' } });
  }

  /** Revokes an API key by deleting it. Returns whether the organization had such a key. */
  async remove(orgId: string, id: string): Promise<boolean> {
    const { affected } = await this.apiKeys.delete({ id, orgId });
    return affected === 1;
  }

  /**
   * Returns the organization that an API key belongs to and updates the key's time of last use, at most once a minute.
   * @returns undefined for an unknown key.
   * @throws TooManyAttempts when too many unknown tokens came from the client's network.
   */
  async findHolder(apiKey: string, request: IncomingMessage): Promise<OrgKeyHolder | undefined> {
    if (!ORG_API_KEY.test(apiKey)) return undefined;
    const keyHash = hashToken(apiKey);
    const ask = async () => (await this.apiKeys.findOneBy({ keyHash })) ?? undefined;
    const found = await this.unknownTokens.find(keyHash, request, ask);
    if (found === undefined) return undefined;
    const aMinuteAgo = new Date(Date.now() - LAST_USED_EXACT_TO_MS);
    await this.apiKeys.update(
      [
        { id: found.id, lastUsedAt: IsNull() },
        { id: found.id, lastUsedAt: LessThan(aMinuteAgo) },
      ],
      { lastUsedAt: new Date() },
    );
    return { orgId: found.orgId, apiKeyId: found.id };
  }
}
