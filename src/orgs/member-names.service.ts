import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { MembershipEntity } from './membership.entity';

/** How a member is called. */
export interface MemberName {
  readonly email: string;
  readonly name: string | null;
}

/** Tells what the members of an organization are called. */
@Injectable()
export class MemberNamesService {
  constructor(
    @InjectRepository(MembershipEntity) private readonly memberships: Repository<MembershipEntity>,
  ) {}

  /** Returns the names of those users who are members, by their ids. */
  async of(orgId: string, userIds: ReadonlySet<string>): Promise<ReadonlyMap<string, MemberName>> {
    if (userIds.size === 0) return new Map();
    const found = await this.memberships.find({
      where: { orgId, userId: In([...userIds]) },
      relations: { user: true },
    });
    return new Map(
      found.flatMap(({ userId, user }) => (user === undefined ? [] : [[userId, user] as const])),
    );
  }
}
