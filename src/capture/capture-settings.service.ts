import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AccessChanges } from '../auth/access-changes';
import { UserEntity } from '../auth/user.entity';

/** The choices of a user about the content of their calls. */
export interface CaptureSettings {
  /** Whether it is kept. */
  readonly content: boolean;
  /** Whether secrets are taken out of what is kept. */
  readonly redact: boolean;
}

/** The column of each choice. */
const COLUMNS = { content: 'keepsContent', redact: 'redactsContent' } as const;

/** What users have chosen about the content of their calls. */
@Injectable()
export class CaptureSettingsService {
  constructor(
    @InjectRepository(UserEntity) private readonly users: Repository<UserEntity>,
    private readonly changes: AccessChanges,
  ) {}

  async get(userId: string): Promise<CaptureSettings> {
    const { keepsContent, redactsContent } = await this.users.findOneOrFail({
      where: { id: userId },
      select: { keepsContent: true, redactsContent: true },
    });
    return { content: keepsContent, redact: redactsContent };
  }

  /**
   * Makes a choice, from the next call on.
   * @returns whether it was another one before.
   */
  async set(userId: string, choice: keyof CaptureSettings, value: boolean): Promise<boolean> {
    const column = COLUMNS[choice];
    const { affected } = await this.users.update({ id: userId, [column]: !value }, { [column]: value });
    this.changes.announce(userId);
    return affected === 1;
  }
}
