import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { IncomingMessage } from 'node:http';
import { DataSource, EntityManager, IsNull, MoreThan } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { canonicalEmail } from '../api/email';
import { KeyedMutex } from '../auth/keyed-mutex';
import { hashToken, INVITE_CODE, mintToken } from '../auth/token';
import { UnknownTokenLimiter } from '../auth/unknown-token-limiter';
import { UsersService } from '../auth/users.service';
import { CONFIG, Config } from '../config/config';
import { InviteEntity } from './invite.entity';
import { canGrant, MembershipEntity, Role } from './membership.entity';
import { OrgEntity } from './org.entity';
import { shownName } from './org-name';
import { Membership } from './orgs.service';

const INVITE_DAYS = 7;
const DAY_MS = 86_400_000;
const MAX_OPEN_INVITES = 100;

export const NOBODY_JOINS =
  'This server takes no new people. Whoever runs it can change that (TRACEVAULT_REGISTRATION).';

export interface NewInvite {
  readonly entity: InviteEntity;
  /** The only moment in which it is known. */
  readonly code: string;
}

export interface Joined extends Membership {
  readonly inviteId: string;
}

/** How people come into an org that exists: a code that one of its owners or admins hands them. */
@Injectable()
export class InvitesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly semaphore: KeyedMutex,
    private readonly lookups: UnknownTokenLimiter,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Lasts seven days. Holds the organization's row, so that of two at once the second counts the first.
   */
  async create(
    { org, role: own }: Membership,
    createdBy: string,
    role: Role,
    email: string | undefined,
  ): Promise<NewInvite> {
    this.refuseWhenClosed();
    if (!canGrant(own, role))
      throw new ApiException(
        'insufficient_role',
        `Only an owner can invite another owner; your role is ${own}.`,
        { field: 'role' },
      );
    return this.semaphore.take(org.id, () => this.insert(org.id, createdBy, role, email));
  }

  private async insert(
    orgId: string,
    createdBy: string,
    role: Role,
    email: string | undefined,
  ): Promise<NewInvite> {
    return this.dataSource.transaction(async (transaction) => {
      await transaction.findOne(OrgEntity, { where: { id: orgId }, lock: { mode: 'for_no_key_update' } });
      const invites = transaction.getRepository(InviteEntity);
      if ((await invites.countBy({ orgId, expiresAt: MoreThan(new Date()) })) >= MAX_OPEN_INVITES)
        throw new ApiException(
          'too_many_invites',
          `The organization has ${MAX_OPEN_INVITES} open invites, which is the most it can have. Withdraw some first.`,
        );
      const code = mintToken('tvi');
      const entity = await invites.save({
        orgId,
        role,
        email: email === undefined ? null : canonicalEmail(email),
        codeHash: hashToken(code),
        createdBy,
        expiresAt: new Date(Date.now() + INVITE_DAYS * DAY_MS),
      });
      this.lookups.markKnown(entity.codeHash);
      return { entity, code };
    });
  }

  /** The open ones, the newest first. */
  async list(orgId: string): Promise<InviteEntity[]> {
    return this.dataSource
      .getRepository(InviteEntity)
      .find({ where: { orgId, expiresAt: MoreThan(new Date()) }, order: { createdAt: 'DESC' } });
  }

  /** @returns whether the org had such an invite. */
  async withdraw(orgId: string, id: string): Promise<boolean> {
    const { affected } = await this.dataSource.getRepository(InviteEntity).delete({ id, orgId });
    return affected === 1;
  }

  /** Withdraws every open invite that this person created, in whichever org. Within the caller's transaction. */
  async withdrawAllOf(transaction: EntityManager, userId: string): Promise<void> {
    await transaction.delete(InviteEntity, { createdBy: userId });
  }

  /** For somebody who has an account already. */
  async accept(userId: string, code: string, request: IncomingMessage): Promise<Joined> {
    const { email } = await this.users.get(userId);
    await this.check(code, email, request); // may have to wait, which a transaction must not
    return this.dataSource.transaction(async (transaction) =>
      this.use(transaction, await this.claim(transaction, code, email), userId),
    );
  }

  /**
   * Looks at an invite without using it, so that a stranger's sign-up is refused before anything else is done for it.
   * @param email as it would be stored: an older account can look like another one's email, and is not whom it is for.
   * @throws ApiException as claim().
   * @throws TooManyAttempts when too many unknown codes came from the client's network.
   */
  async check(code: string, email: string, request: IncomingMessage): Promise<void> {
    this.refuseWhenClosed();
    const { manager } = this.dataSource;
    const ask = () => this.find(manager, code, false);
    const isCode = INVITE_CODE.test(code);
    const invite = isCode ? await this.lookups.find(hashToken(code), request, ask) : undefined;
    await this.admit(manager, invite, email);
  }

  /**
   * An invite that this email may use, held until the caller's transaction is over: of two who use one code at one
   * moment, only one joins.
   * @throws ApiException (registration_closed, invalid_invite, invite_for_other_email)
   */
  async claim(transaction: EntityManager, code: string, email: string): Promise<InviteEntity> {
    return this.admit(transaction, await this.find(transaction, code, true), email);
  }

  /**
   * Makes the person a member, and uses the invite up.
   * @throws ApiException (already_member); the invite can still be used then.
   */
  async use(transaction: EntityManager, invite: InviteEntity, userId: string): Promise<Joined> {
    const org = await transaction.findOneByOrFail(OrgEntity, { id: invite.orgId });
    const joined = await transaction
      .createQueryBuilder()
      .insert()
      .into(MembershipEntity)
      .values({ userId, orgId: org.id, role: invite.role })
      .orIgnore()
      .returning('"user_id"')
      .execute();
    if ((joined.raw as unknown[]).length === 0)
      throw new ApiException('already_member', `You are in the organization "${shownName(org)}" already.`, {
        field: 'invite',
      });
    await transaction.delete(InviteEntity, { id: invite.id });
    return { org, role: invite.role, inviteId: invite.id };
  }

  private async find(manager: EntityManager, code: string, held: boolean): Promise<InviteEntity | undefined> {
    const invite = await manager.findOne(InviteEntity, {
      where: { codeHash: hashToken(code), expiresAt: MoreThan(new Date()) },
      ...(held && { lock: { mode: 'pessimistic_write' } }),
    });
    return invite ?? undefined;
  }

  /** @throws ApiException unless the invite is good, and for this email. */
  private async admit(
    manager: EntityManager,
    invite: InviteEntity | undefined,
    email: string,
  ): Promise<InviteEntity> {
    this.refuseWhenClosed();
    // A leaver, or somebody who may no longer give that role, lets nobody in.
    if (invite === undefined || !(await this.assertCanStillInvite(manager, invite)))
      throw new ApiException(
        'invalid_invite',
        'This invite is unknown, used or withdrawn, or older than seven days. Ask for a new one.',
        { field: 'invite' },
      );
    if (invite.email !== null && invite.email !== email)
      throw new ApiException(
        'invite_for_other_email',
        'This invite is for another email address. Use that one, or ask for an invite of your own.',
        { field: 'invite' },
      );
    return invite;
  }

  private async assertCanStillInvite(
    manager: EntityManager,
    { orgId, createdBy: userId, role }: InviteEntity,
  ): Promise<boolean> {
    const inviter = { orgId, userId, user: { deactivatedAt: IsNull() } };
    const membership = await manager.findOneBy(MembershipEntity, inviter);
    return membership !== null && canGrant(membership.role, role);
  }

  private refuseWhenClosed(): void {
    if (this.config.registration === 'closed') throw new ApiException('registration_closed', NOBODY_JOINS);
  }
}
