import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { NewSession, SessionsService } from '../auth/sessions.service';
import { NewUser, UsersService } from '../auth/users.service';
import { OrgEntity } from './org.entity';
import { orgSlug } from './org-name';
import { OrgsService } from './orgs.service';

export interface Registration {
  readonly userId: string;
  readonly org: OrgEntity;
  readonly session: NewSession;
}

/** Signing up makes a person, their org and their first session, or none of the three. */
@Injectable()
export class RegistrationService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly orgs: OrgsService,
    private readonly sessions: SessionsService,
  ) {}

  /** @throws ConflictException when the email or the org's name is taken. */
  async register(newUser: NewUser, orgName: string, userAgent: string | undefined): Promise<Registration> {
    const user = await this.users.prepare(newUser);
    return this.dataSource.transaction(async (transaction) => {
      await this.users.insert(transaction, user);
      const org = await this.orgs.found(transaction, user.id, orgSlug(orgName), orgName);
      const session = await this.sessions.start(user.id, 'register', userAgent, transaction);
      return { userId: user.id, org, session };
    });
  }
}
