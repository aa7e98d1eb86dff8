import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AccessChanges } from '../auth/access-changes';
import { UserEntity } from '../auth/user.entity';

/** Whether users have the content of their calls kept. */
@Injectable()
export class CaptureSettingsService {
  constructor(
    @InjectRepository(UserEntity) private readonly users: Repository<UserEntity>,
    private readonly changes: AccessChanges,
  ) {}

  async get(userId: string): Promise<boolean> {
    const user = await this.users.findOneOrFail({ where: { id: userId }, select: { keepsContent: true } });
    return user.keepsContent;
  }

  /**
   * Changes it from the next call on.
   * @returns whether it was different before.
   */
  async set(userId: string, keepsContent: boolean): Promise<boolean> {
    const { affected } = await this.users.update(
      { id: userId, keepsContent: !keepsContent },
      { keepsContent },
    );
    this.changes.announce(userId);
    return affected === 1;
  }
}
