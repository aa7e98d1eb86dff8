import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, LessThan, Repository } from 'typeorm';
import { OrgKeyHolder, OrgKeyLookup } from '../auth/principal';
import { hashToken, mintToken, ORG_API_KEY } from '../auth/token';
import { LAST_USED_EXACT_TO_MS } from '../auth/use-notes';
import { ApiKeyEntity } from './api-key.entity';

/** `tvk_` and eight digits: enough to tell keys apart, useless for guessing one. */
const SHOWN_CHARACTERS = 12;

export interface NewApiKey {
  readonly entity: ApiKeyEntity;
  /** The only moment in which it is known. */
  readonly key: string;
}

@Injectable()
export class ApiKeysService implements OrgKeyLookup {
  constructor(@InjectRepository(ApiKeyEntity) private readonly apiKeys: Repository<ApiKeyEntity>) {}

  async create(orgId: string, createdBy: string, name: string): Promise<NewApiKey> {
    const key = mintToken('tvk');
    const entity = await this.apiKeys.save({
      orgId,
      createdBy,
      name,
      keyHash: hashToken(key),
      prefix: key.slice(0, SHOWN_CHARACTERS),
      lastUsedAt: null,
    });
    return { entity, key };
  }

  /** The newest first. */
  async list(orgId: string): Promise<ApiKeyEntity[]> {
    return this.apiKeys.find({ where: { orgId }, order: { createdAt: 'DESC' } });
  }

  /** @returns whether the org had such a key. */
  async remove(orgId: string, id: string): Promise<boolean> {
    const { affected } = await this.apiKeys.delete({ id, orgId });
    return affected === 1;
  }

  async findHolder(apiKey: string): Promise<OrgKeyHolder | undefined> {
    if (!ORG_API_KEY.test(apiKey)) return undefined;
    const found = await this.apiKeys.findOneBy({ keyHash: hashToken(apiKey) });
    if (found === null) return undefined;
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
