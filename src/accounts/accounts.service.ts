import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, IsNull, Not } from 'typeorm';
import { KeyedMutex } from '../auth/keyed-mutex';
import { SignedInUser } from '../auth/principal';
import { ProxyTokensService } from '../auth/proxy-tokens.service';
import { NewSession, SessionsService } from '../auth/sessions.service';
import { UserEntity } from '../auth/user.entity';
import { UsersService } from '../auth/users.service';
import { DeviceAuthorizationEntity } from './device-authorization.entity';
import { PasswordHasher } from './password-hasher';

export interface PasswordCheck {
  /** Whose email was given, whatever the password. */
  readonly claimed: UserEntity | undefined;
  /** Who it is, when the password is theirs as well. */
  readonly user: UserEntity | undefined;
}

/**
 * How access begins by a password, and what ends it: another password, or the end of the account's use. A beginning holds
 * the person's row, so that it is either undone by an end that comes at the same moment, or comes after it and is refused.
 */
@Injectable()
export class AccountsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly passwords: PasswordHasher,
    private readonly sessions: SessionsService,
    private readonly proxyTokens: ProxyTokensService,
    private readonly semaphore: KeyedMutex,
  ) {}

  /** Takes the same time for a wrong email and for a wrong password. */
  async checkPassword(email: string, password: string): Promise<PasswordCheck> {
    const user = await this.users.findByEmail(email);
    const matches = await this.passwords.verify(user?.passwordHash, password);
    return { claimed: user, user: matches ? user : undefined };
  }

  /** @returns undefined when the password has been changed or the account deactivated since `user` was read. */
  async signIn(user: UserEntity, userAgent: string | undefined): Promise<NewSession | undefined> {
    return this.dataSource.transaction(async (transaction) => {
      const { id, passwordHash } = user;
      const held = await transaction.findOne(UserEntity, {
        where: { id, passwordHash, deactivatedAt: IsNull() },
        lock: { mode: 'for_no_key_update' },
      });
      return held === null ? undefined : this.sessions.start(id, 'login', userAgent, transaction);
    });
  }

  /**
   * Revokes all other sessions with it: whoever knew the old password is out. Proxy tokens go on, as agents on a build server
   * have to; they can't do more than call the proxy, and are revoked one by one.
   * @returns false when `current` is not the password.
   */
  async changePassword({ userId, sessionId }: SignedInUser, current: string, next: string): Promise<boolean> {
    const passwordHash = await this.verify(userId, current);
    if (passwordHash === undefined) return false;
    const newHash = await this.passwords.hash(next);
    return this.dataSource.transaction(async (transaction) => {
      // Of two changes at one moment, the second no longer knows the current one.
      const { affected } = await transaction.update(
        UserEntity,
        { id: userId, passwordHash },
        { passwordHash: newHash },
      );
      if (affected !== 1) return false;
      await this.revokeAccess(transaction, userId, sessionId);
      return true;
    });
  }

  /** @returns the hash that the password is good for, to be asked for again in a transaction; undefined for a wrong one. */
  async verify(userId: string, password: string): Promise<string | undefined> {
    const user = await this.dataSource.getRepository(UserEntity).findOneBy({ id: userId });
    return user !== null && (await this.passwords.verify(user.passwordHash, password))
      ? user.passwordHash
      : undefined;
  }

  /** The operator's way: asks for nothing and revokes every session, and proxy tokens when that is asked for. */
  async resetPassword(userId: string, next: string, { revokeProxyTokens = false } = {}): Promise<void> {
    const passwordHash = await this.passwords.hash(next);
    await this.dataSource.transaction(async (transaction) => {
      await transaction.update(UserEntity, { id: userId }, { passwordHash });
      await this.revokeAccess(transaction, userId);
      if (revokeProxyTokens) await this.proxyTokens.revokeAll(transaction, userId);
    });
  }

  /**
   * From the next request on, nothing of theirs is let in; a response that is being sent runs to its end. Within the
   * caller's transaction.
   * @returns whether this changed anything.
   */
  async deactivate(userId: string, transaction: EntityManager): Promise<boolean> {
    const { affected } = await transaction.update(
      UserEntity,
      { id: userId, deactivatedAt: IsNull() },
      { deactivatedAt: new Date() },
    );
    await this.revokeAccess(transaction, userId);
    await this.proxyTokens.revokeAll(transaction, userId);
    return affected === 1;
  }

  /**
   * Deletes the account with everything that is its person's alone: sessions, device logins, proxy tokens, the stored key,
   * memberships and invites. Within the caller's transaction, which holds the person's row. A response that is being sent
   * runs to its end.
   */
  async delete(userId: string, transaction: EntityManager): Promise<void> {
    await this.revokeAccess(transaction, userId);
    await transaction.delete(UserEntity, { id: userId }); // the rest goes by its foreign keys
  }

  /** They sign in and make their proxy tokens again; their stored key is still there. @returns whether this changed anything. */
  async reactivate(userId: string, transaction: EntityManager): Promise<boolean> {
    const { affected } = await transaction.update(
      UserEntity,
      { id: userId, deactivatedAt: Not(IsNull()) },
      { deactivatedAt: null },
    );
    return affected === 1;
  }

  /**
   * Revokes a session that its owner picked from the list, and with it every device login that waits to be redeemed: whoever
   * stole that session may have approved one, and it would be a session more in a moment. Holds the person's row first, as a
   * redemption does. Signing out is another thing (SessionsService.revoke): people approve a login and close the browser.
   * @returns whether there was such a session of this person.
   */
  async revokeSession(userId: string, sessionId: string): Promise<boolean> {
    return this.semaphore.take(userId, () =>
      this.dataSource.transaction(async (transaction) => {
        await transaction.findOne(UserEntity, {
          where: { id: userId },
          lock: { mode: 'for_no_key_update' },
        });
        if (!(await this.sessions.revokeOne(transaction, userId, sessionId))) return false;
        await transaction.delete(DeviceAuthorizationEntity, { userId, status: 'approved' });
        return true;
      }),
    );
  }

  /** Sessions, and then logins of devices that these approved and that are not redeemed yet. */
  private async revokeAccess(
    transaction: EntityManager,
    userId: string,
    keptSessionId?: string,
  ): Promise<void> {
    await this.sessions.revokeAll(transaction, userId, keptSessionId);
    await transaction.delete(DeviceAuthorizationEntity, { userId });
  }
}
