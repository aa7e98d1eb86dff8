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
  /** The user with the given email, whether or not the password matches. */
  readonly claimed: UserEntity | undefined;
  /** The user with the given email, when the password matches as well. */
  readonly user: UserEntity | undefined;
}

/**
 * Grants access by password and revokes it: after a password change, a deactivation or a deletion. A sign-in locks the
 * user's row, so that a concurrent revocation either also revokes the new session, or comes first and makes the sign-in
 * fail.
 */
@Injectable()
export class AccountsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly passwords: PasswordHasher,
    private readonly sessions: SessionsService,
    private readonly proxyTokens: ProxyTokensService,
    private readonly mutex: KeyedMutex,
  ) {}

  /** Checks an email and a password. Takes the same time for an unknown email as for a wrong password. */
  async checkPassword(email: string, password: string): Promise<PasswordCheck> {
    const user = await this.users.findByEmail(email);
    const matches = await this.passwords.verify(user?.passwordHash, password);
    return { claimed: user, user: matches ? user : undefined };
  }

  /**
   * Starts a session.
   * @returns undefined when the password was changed or the account deactivated since `user` was read.
   */
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
   * Changes the password and revokes all other sessions, so that whoever knew the old password is signed out. Proxy tokens
   * stay valid, because agents on build servers depend on them; they only give access to the proxy and are revoked one by
   * one.
   * @returns false when `current` is not the password.
   */
  async changePassword({ userId, sessionId }: SignedInUser, current: string, next: string): Promise<boolean> {
    const passwordHash = await this.verify(userId, current);
    if (passwordHash === undefined) return false;
    const newHash = await this.passwords.hash(next);
    return this.dataSource.transaction(async (transaction) => {
      // Of two concurrent changes, the second fails because `current` is no longer the password.
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

  /**
   * Verifies a user's password.
   * @returns the matching hash, for the caller to compare again in its transaction, or undefined for a wrong password.
   */
  async verify(userId: string, password: string): Promise<string | undefined> {
    const user = await this.dataSource.getRepository(UserEntity).findOneBy({ id: userId });
    return user !== null && (await this.passwords.verify(user.passwordHash, password))
      ? user.passwordHash
      : undefined;
  }

  /**
   * Sets a password without checking the current one, for the operator's command. Revokes every session, and on request
   * every proxy token.
   */
  async resetPassword(userId: string, next: string, { revokeProxyTokens = false } = {}): Promise<void> {
    const passwordHash = await this.passwords.hash(next);
    await this.dataSource.transaction(async (transaction) => {
      await transaction.update(UserEntity, { id: userId }, { passwordHash });
      await this.revokeAccess(transaction, userId);
      if (revokeProxyTokens) await this.proxyTokens.revokeAll(transaction, userId);
    });
  }

  /**
   * Deactivates an account within the caller's transaction. Its credentials are refused from the next request on; a
   * response that is already being sent is not cut off.
   * @returns whether the account was active before.
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
   * Deletes an account with everything that belongs to this user alone: sessions, device logins, proxy tokens, the stored
   * key, memberships and invites. Runs within the caller's transaction, which holds the lock on the user's row. A response
   * that is already being sent is not cut off.
   */
  async delete(userId: string, transaction: EntityManager): Promise<void> {
    await this.revokeAccess(transaction, userId);
    await transaction.delete(UserEntity, { id: userId }); // foreign keys cascade to the rest
  }

  /**
   * Reactivates an account. The stored key is still there; sessions and proxy tokens have to be created again.
   * @returns whether the account was deactivated before.
   */
  async reactivate(userId: string, transaction: EntityManager): Promise<boolean> {
    const { affected } = await transaction.update(
      UserEntity,
      { id: userId, deactivatedAt: Not(IsNull()) },
      { deactivatedAt: null },
    );
    return affected === 1;
  }

  /**
   * Revokes a session that its user picked from the list, and every approved device login that is not redeemed yet:
   * whoever stole the session may have approved one, and would redeem it for a new session. Locks the user's row first, as
   * a redemption does. Signing out (SessionsService.revoke) does not do this, because users approve a device login and
   * then close the browser.
   * @returns whether the user had such a session.
   */
  async revokeSession(userId: string, sessionId: string): Promise<boolean> {
    return this.mutex.run(userId, () =>
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

  /** Revokes the user's sessions, and then the device logins that these approved and that are not redeemed yet. */
  private async revokeAccess(
    transaction: EntityManager,
    userId: string,
    keptSessionId?: string,
  ): Promise<void> {
    await this.sessions.revokeAll(transaction, userId, keptSessionId);
    await transaction.delete(DeviceAuthorizationEntity, { userId });
  }
}
