import { ConflictException, ForbiddenException, Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, LessThan, MoreThan } from 'typeorm';
import { hashToken, INVITE_CODE, mintToken } from '../auth/token';
import { normalizeEmail, UsersService } from '../auth/users.service';
import { CONFIG, Config } from '../config/config';
import { InviteEntity } from './invite.entity';
import { MembershipEntity, Role } from './membership.entity';
import { OrgEntity } from './org.entity';
import { Membership } from './orgs.service';

const INVITE_DAYS = 7;
const DAY_MS = 86_400_000;
const MOST_OPEN_INVITES = 100;

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
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Lasts seven days. Sweeps the org's expired ones. */
  async create(
    { org, role: own }: Membership,
    createdBy: string,
    role: Role,
    email: string | undefined,
  ): Promise<NewInvite> {
    this.refuseWhenClosed();
    if (role === 'owner' && own !== 'owner')
      throw new ForbiddenException(`Only an owner can invite another owner; your role is ${own}.`);
    const invites = this.dataSource.getRepository(InviteEntity);
    await invites.delete({ orgId: org.id, expiresAt: LessThan(new Date()) });
    if ((await invites.countBy({ orgId: org.id })) >= MOST_OPEN_INVITES)
      throw new ConflictException(
        `The organization has ${MOST_OPEN_INVITES} open invites, which is the most it can have. Withdraw some first.`,
      );
    const code = mintToken('tvi');
    const entity = await invites.save({
      orgId: org.id,
      role,
      email: email === undefined ? null : normalizeEmail(email),
      codeHash: hashToken(code),
      createdBy,
      expiresAt: new Date(Date.now() + INVITE_DAYS * DAY_MS),
    });
    return { entity, code };
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

  /** For somebody who has an account already. */
  async accept(userId: string, code: string): Promise<Joined> {
    const { email } = await this.users.get(userId);
    return this.dataSource.transaction((transaction) => this.redeem(transaction, code, userId, email));
  }

  /**
   * Makes the person a member, within the caller's transaction, and uses the invite up.
   * @throws ForbiddenException when the code opens nothing to them.
   * @throws ConflictException when they are in the org already; the invite can still be used then.
   */
  async redeem(transaction: EntityManager, code: string, userId: string, email: string): Promise<Joined> {
    this.refuseWhenClosed();
    // Locked, so that of two who use one code at one moment only one joins.
    const invite = INVITE_CODE.test(code)
      ? await transaction.findOne(InviteEntity, {
          where: { codeHash: hashToken(code), expiresAt: MoreThan(new Date()) },
          lock: { mode: 'pessimistic_write' },
        })
      : null;
    if (invite === null)
      throw new ForbiddenException(
        'This invite is unknown, used or withdrawn, or older than seven days. Ask for a new one.',
      );
    if (invite.email !== null && invite.email !== normalizeEmail(email))
      throw new ForbiddenException(
        'This invite is for another email address. Use that one, or ask for an invite of your own.',
      );
    const org = await transaction.findOneByOrFail(OrgEntity, { id: invite.orgId });
    if (await transaction.existsBy(MembershipEntity, { userId, orgId: org.id }))
      throw new ConflictException(`You are in the organization "${org.name}" already.`);
    await transaction.insert(MembershipEntity, { userId, orgId: org.id, role: invite.role });
    await transaction.delete(InviteEntity, { id: invite.id });
    return { org, role: invite.role, inviteId: invite.id };
  }

  private refuseWhenClosed(): void {
    if (this.config.registration === 'closed')
      throw new ForbiddenException(
        'This server takes no new people. Whoever runs it can change that (TRACEVAULT_REGISTRATION).',
      );
  }
}
