import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, IsNull, Not } from 'typeorm';
import { DeviceAuthorizationEntity } from './device-authorization.entity';
import { PasswordHasher } from './password-hasher';
import { SignedInUser } from './principal';
import { SessionsService } from './sessions.service';
import { UserEntity } from './user.entity';

/** What ends access that somebody has: another password, or the end of the account's use. */
@Injectable()
export class AccountsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly passwords: PasswordHasher,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * Ends all other sessions with it: whoever knew the old password is out.
   * @returns false when `current` is not the password.
   */
  async changePassword({ userId, sessionId }: SignedInUser, current: string, next: string): Promise<boolean> {
    const { passwordHash } = await this.dataSource.getRepository(UserEntity).findOneByOrFail({ id: userId });
    if (!(await this.passwords.verify(passwordHash, current))) return false;
    const newHash = await this.passwords.hash(next);
    return this.dataSource.transaction(async (transaction) => {
      // Of two changes at one moment, the second no longer knows the current one.
      const { affected } = await transaction.update(
        UserEntity,
        { id: userId, passwordHash },
        { passwordHash: newHash },
      );
      if (affected !== 1) return false;
      await this.endAccess(transaction, userId, sessionId);
      return true;
    });
  }

  /** The operator's way: asks for nothing and ends every session. */
  async resetPassword(userId: string, next: string): Promise<void> {
    const passwordHash = await this.passwords.hash(next);
    await this.dataSource.transaction(async (transaction) => {
      await transaction.update(UserEntity, { id: userId }, { passwordHash });
      await this.endAccess(transaction, userId);
    });
  }

  /**
   * From the next request on, nothing of theirs is let in; a response that is being sent runs to its end.
   * @returns whether this changed anything.
   */
  async deactivate(userId: string, within?: EntityManager): Promise<boolean> {
    const work = async (transaction: EntityManager): Promise<boolean> => {
      const { affected } = await transaction.update(
        UserEntity,
        { id: userId, deactivatedAt: IsNull() },
        { deactivatedAt: new Date() },
      );
      await this.endAccess(transaction, userId);
      return affected === 1;
    };
    return within === undefined ? this.dataSource.transaction(work) : work(within);
  }

  /** They sign in anew; their stored key is still there. @returns whether this changed anything. */
  async reactivate(userId: string): Promise<boolean> {
    const { affected } = await this.dataSource
      .getRepository(UserEntity)
      .update({ id: userId, deactivatedAt: Not(IsNull()) }, { deactivatedAt: null });
    return affected === 1;
  }

  /** Sessions, and logins of devices that were approved and not yet redeemed. */
  private async endAccess(transaction: EntityManager, userId: string, keptSessionId?: string): Promise<void> {
    await transaction.delete(DeviceAuthorizationEntity, { userId });
    await this.sessions.endAll(transaction, userId, keptSessionId);
  }
}
