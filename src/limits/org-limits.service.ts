import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AuthCache } from '../cache/auth-cache';
import { AuthCaches } from '../cache/auth-caches';
import { LimitEntity } from './limit.entity';

/** The limits of one organization, as they are cached. */
interface OrgLimits {
  readonly orgId: string;
  readonly limits: readonly LimitEntity[];
}

const NONE: readonly LimitEntity[] = [];

/** Finds the limits of organizations, from memory while nothing has changed. */
@Injectable()
export class OrgLimitsService {
  private readonly cache: AuthCache<OrgLimits>;

  constructor(
    @InjectRepository(LimitEntity) private readonly limits: Repository<LimitEntity>,
    caches: AuthCaches,
  ) {
    this.cache = caches.create('limits');
  }

  /** Returns all limits of an organization, the expired ones included. */
  async of(orgId: string): Promise<readonly LimitEntity[]> {
    const found = await this.cache.get(orgId, async () => ({
      orgId,
      limits: await this.limits.find({
        where: { orgId },
        relations: { org: true },
        order: { createdAt: 'ASC', id: 'ASC' },
      }),
    }));
    return found?.limits ?? NONE;
  }
}
