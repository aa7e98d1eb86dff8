import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, IsNull, Not } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { KeyedMutex } from '../auth/keyed-mutex';
import { UserEntity } from '../auth/user.entity';
import { CONFIG, Config } from '../config/config';
import { DeparturesService } from '../orgs/departures.service';
import { OrgEntity } from '../orgs/org.entity';
import { AccountsService } from './accounts.service';
import { lockFirstUser } from './first-user';

const ONLY_ACCOUNT =
  'Yours is the only account of this server: without it, whoever comes next could sign up as the first. ' +
  'Whoever runs the server can take it down with its data. Your key you can remove at any time.';

export interface Deleted {
  readonly email: string;
  /** The deleted organizations: those in which the user was the only member. */
  readonly orgs: readonly OrgEntity[];
}

/** Deletes the account of a user who asks for it, after removing the user from every organization. */
@Injectable()
export class AccountDeletionService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly accounts: AccountsService,
    private readonly departures: DeparturesService,
    private readonly mutex: KeyedMutex,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Deletes the user's account in one transaction.
   * @returns what was deleted, or undefined when `current` is not the password.
   * @throws ApiException (last_owner) for the last owner of an organization that has other members.
   * @throws ApiException (only_account) for the only account of a server without open registration.
   */
  async deleteAccount(userId: string, current: string): Promise<Deleted | undefined> {
    const passwordHash = await this.accounts.verify(userId, current);
    if (passwordHash === undefined) return undefined;
    const work = async (transaction: EntityManager): Promise<Deleted | undefined> => {
      await lockFirstUser(transaction); // before any row lock, in the same order as registration, so that the two can't deadlock
      const where = { id: userId, passwordHash, deactivatedAt: IsNull() };
      const user = await transaction.findOne(UserEntity, { where, lock: { mode: 'for_no_key_update' } });
      if (user === null) return undefined;
      const isOnly = !(await transaction.existsBy(UserEntity, { id: Not(userId) }));
      if (isOnly && this.config.registration !== 'open') throw new ApiException('only_account', ONLY_ACCOUNT);
      const orgs = await this.departures.leaveAll(transaction, userId, ' Nothing was deleted.');
      await this.accounts.delete(userId, transaction);
      return { email: user.email, orgs };
    };
    return this.mutex.run(userId, () => this.dataSource.transaction(work));
  }
}
