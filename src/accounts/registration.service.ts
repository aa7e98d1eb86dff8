import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { IncomingMessage } from 'node:http';
import { DataSource, EntityManager } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { canonicalEmail } from '../api/email';
import { NewSession, SessionsService } from '../auth/sessions.service';
import { UserEntity } from '../auth/user.entity';
import { UsersService } from '../auth/users.service';
import { CONFIG, Config } from '../config/config';
import { InvitesService, NOBODY_JOINS } from '../orgs/invites.service';
import { orgSlug } from '../orgs/org-name';
import { OrgEntity } from '../orgs/org.entity';
import { OrgsService } from '../orgs/orgs.service';
import { lockFirstUser } from './first-user';
import { PasswordHasher } from './password-hasher';

const BY_INVITE =
  'This server takes new people by invite. Ask an owner or admin of your organization for one, and sign up with its code.';

/** The organization that a new user joins: a new one of their own, or the one of an invite. */
export type JoinTarget = { readonly orgName: string } | { readonly invite: string };

export interface NewPerson {
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
}

export interface Registration {
  readonly user: UserEntity;
  readonly org: OrgEntity;
  readonly session: NewSession;
  /** The id of the invite that was used, if any. */
  readonly inviteId: string | undefined;
}

/** Creates a user, their organization membership and their first session in one transaction. */
@Injectable()
export class RegistrationService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly passwords: PasswordHasher,
    private readonly orgs: OrgsService,
    private readonly invites: InvitesService,
    private readonly sessions: SessionsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Registers a user.
   * @throws ApiException (registration_closed, invite_required, or as InvitesService.claim does) when the server does not
   * admit the user.
   * @throws ApiException (email_taken, org_name_taken)
   */
  async register(person: NewPerson, place: JoinTarget, request: IncomingMessage): Promise<Registration> {
    // Checked before hashing a stranger's password, and before an error could reveal whether the email is taken.
    if ('invite' in place) await this.invites.check(place.invite, canonicalEmail(person.email), request);
    else if (this.config.registration !== 'open' && (await this.users.hasUsers())) throw this.refusal();
    const { email, name, password } = person;
    // Hashing takes tens of milliseconds, during which no transaction should be open.
    const passwordHash = await this.passwords.hash(password);
    const user = this.users.prepare({ email, name, passwordHash });
    const userAgent = request.headers['user-agent'];
    return this.dataSource.transaction(async (transaction) => {
      const join = await this.admit(transaction, place, user.email);
      await this.users.insert(transaction, user);
      const { org, inviteId } = await join(user.id);
      const session = await this.sessions.start(user.id, 'register', userAgent, transaction);
      return { user, org, session, inviteId };
    });
  }

  /**
   * Checks that the user may register.
   * @returns a function that adds the user to the organization, to be called once the user is stored.
   */
  private async admit(
    transaction: EntityManager,
    place: JoinTarget,
    email: string,
  ): Promise<(userId: string) => Promise<{ org: OrgEntity; inviteId?: string }>> {
    if ('invite' in place) {
      const invite = await this.invites.claim(transaction, place.invite, email);
      return (userId) => this.invites.use(transaction, invite, userId);
    }
    if (this.config.registration !== 'open') {
      await lockFirstUser(transaction);
      if (await this.users.hasUsers(transaction)) throw this.refusal();
    }
    const { orgName } = place;
    return async (userId) => ({
      org: await this.orgs.create(transaction, userId, orgSlug(orgName), orgName),
    });
  }

  private refusal(): ApiException {
    return this.config.registration === 'closed'
      ? new ApiException('registration_closed', NOBODY_JOINS)
      : new ApiException('invite_required', BY_INVITE);
  }
}

/**
 * Returns the target that a request names.
 * @throws ApiException (conflicting_field, required) unless exactly one of the two is given.
 */
export function joinTargetOf(orgName: string | undefined, invite: string | undefined): JoinTarget {
  if (invite !== undefined && orgName !== undefined)
    throw new ApiException(
      'conflicting_field',
      ['org_name must be left out with an invite, which is to an organization'],
      { field: 'org_name' },
    );
  if (invite !== undefined) return { invite };
  if (orgName !== undefined) return { orgName };
  throw new ApiException('required', ['org_name must be given, or the code of an invite as invite'], {
    field: 'org_name',
  });
}
