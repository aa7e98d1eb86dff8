import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { IncomingMessage } from 'node:http';
import { DataSource, EntityManager, IsNull, MoreThan } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { canonicalEmail } from '../api/email';
import { AccessChanges } from '../auth/access-changes';
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
  /** The code itself, which is available only here: it is not stored. */
  readonly code: string;
}

export interface Joined extends Membership {
  readonly inviteId: string;
}

/** Manages invites: codes that an owner or admin gives to people so that they can join an existing organization. */
@Injectable()
export class InvitesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly mutex: KeyedMutex,
    private readonly unknownTokens: UnknownTokenLimiter,
    private readonly changes: AccessChanges,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Creates an invite, which expires after seven days. Locks the organization's row, so that two concurrent requests can't
   * exceed the limit together.
   * @param email the only email that may use the invite; undefined for anyone with the code.
   * @throws ApiException (registration_closed, insufficient_role, too_many_invites)
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
        `Only an owner can invite an ${role}; your role is ${own}.`,
        { field: 'role' },
      );
    return this.mutex.run(org.id, () => this.insert(org.id, createdBy, role, email));
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
      this.unknownTokens.markKnown(entity.codeHash);
      return { entity, code };
    });
  }

  /** Returns the organization's open invites, newest first. */
  async list(orgId: string): Promise<InviteEntity[]> {
    return this.dataSource
      .getRepository(InviteEntity)
      .find({ where: { orgId, expiresAt: MoreThan(new Date()) }, order: { createdAt: 'DESC' } });
  }

  /** Withdraws an invite by deleting it. Returns whether the organization had such an invite. */
  async withdraw(orgId: string, id: string): Promise<boolean> {
    const { affected } = await this.dataSource.getRepository(InviteEntity).delete({ id, orgId });
    return affected === 1;
  }

  /** Withdraws all open invites that a user created, in any organization. Runs in the caller's transaction. */
  async withdrawAllOf(transaction: EntityManager, userId: string): Promise<void> {
    await transaction.delete(InviteEntity, { createdBy: userId });
  }

  /**
   * Accepts an invite on behalf of a user who already has an account.
   * @throws as check() and use().
   */
  async accept(userId: string, code: string, request: IncomingMessage): Promise<Joined> {
    const { email } = await this.users.get(userId);
    await this.check(code, email, request); // outside the transaction, because the rate limit can delay it
    return this.dataSource.transaction(async (transaction) =>
      this.use(transaction, await this.claim(transaction, code, email), userId),
    );
  }

  /**
   * Validates an invite without using it, so that a sign-up with an invalid one is refused before any other work is done.
   * @param email the email in its stored form: an older account's email can look like the invited one without being it.
   * @throws ApiException as claim().
   * @throws TooManyAttempts when too many unknown codes came from the client's network.
   */
  async check(code: string, email: string, request: IncomingMessage): Promise<void> {
    this.refuseWhenClosed();
    const { manager } = this.dataSource;
    const ask = () => this.find(manager, code, false);
    const isCode = INVITE_CODE.test(code);
    const invite = isCode ? await this.unknownTokens.find(hashToken(code), request, ask) : undefined;
    await this.admit(manager, invite, email);
  }

  /**
   * Returns an invite that this email may use, and locks its row until the caller's transaction ends: when two people use one
   * code concurrently, only one of them joins.
   * @throws ApiException (registration_closed, invalid_invite, invite_for_other_email)
   */
  async claim(transaction: EntityManager, code: string, email: string): Promise<InviteEntity> {
    return this.admit(transaction, await this.find(transaction, code, true), email);
  }

  /**
   * Makes the user a member of the organization and deletes the invite. Runs in the caller's transaction.
   * @throws ApiException (already_member), in which case the invite remains valid.
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
    this.changes.announceOnCommit(transaction, userId);
    return { org, role: invite.role, inviteId: invite.id };
  }

  private async find(manager: EntityManager, code: string, held: boolean): Promise<InviteEntity | undefined> {
    const invite = await manager.findOne(InviteEntity, {
      where: { codeHash: hashToken(code), expiresAt: MoreThan(new Date()) },
      ...(held && { lock: { mode: 'pessimistic_write' } }),
    });
    return invite ?? undefined;
  }

  /**
   * Returns the invite if it is valid and this email may use it.
   * @throws ApiException (registration_closed, invalid_invite, invite_for_other_email)
   */
  private async admit(
    manager: EntityManager,
    invite: InviteEntity | undefined,
    email: string,
  ): Promise<InviteEntity> {
    this.refuseWhenClosed();
    // An invite is worthless once its creator has left, was deactivated, or may no longer grant that role.
    if (invite === undefined || !(await this.canStillInvite(manager, invite)))
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

  /** Tells whether the invite's creator is still an active member who may grant its role. */
  private async canStillInvite(
    manager: EntityManager,
    { orgId, createdBy: userId, role }: InviteEntity,
  ): Promise<boolean> {
    const inviter = { orgId, userId, user: { deactivatedAt: IsNull() } };
    const membership = await manager.findOneBy(MembershipEntity, inviter);
    return membership !== null && canGrant(membership.role, role);
  }

  /** @throws ApiException (registration_closed) when the server accepts no new users. */
  private refuseWhenClosed(): void {
    if (this.config.registration === 'closed') throw new ApiException('registration_closed', NOBODY_JOINS);
  }
}
