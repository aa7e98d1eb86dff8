import { Inject, Injectable } from '@nestjs/common';
import { Request } from 'express';
import { Attempts } from '../api/attempts';
import { ClientNetworks } from '../api/client-networks';
import { canonicalEmail } from '../api/email';
import { TooManyAttempts } from '../api/too-many-attempts';
import { UsersService } from '../auth/users.service';
import { CONFIG, Config } from '../config/config';
import { hasBrowserCookie, isKnownBrowser } from './browser-cookie';

/** The maximum number of failures a minute for one account from one network. Users who mistype stay far below it. */
const MAX_FAILURES = 10;
/** The maximum number of failures a minute for one account from all networks. */
const MAX_FAILURES_ANYWHERE = 100;

/** Rate limits on password guesses (docs/decisions/0019). In addition, each handler has a limit by network. */
@Injectable()
export class PasswordLimits {
  private readonly failuresHere: Attempts;
  private readonly failuresAnywhere: Attempts;
  private readonly signUps: Attempts;
  private readonly failedConfirmations: Attempts;

  constructor(
    private readonly users: UsersService,
    private readonly networks: ClientNetworks,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const { rateLimits } = config;
    this.failuresHere = new Attempts(MAX_FAILURES, rateLimits);
    this.failuresAnywhere = new Attempts(MAX_FAILURES_ANYWHERE, rateLimits);
    this.signUps = new Attempts(MAX_FAILURES, rateLimits);
    this.failedConfirmations = new Attempts(MAX_FAILURES, rateLimits);
  }

  /**
   * Attempts a sign-in and counts a failure twice: by email and network, so that strangers on other networks don't use up
   * the user's attempts, and by email alone, to limit a distributed attack.
   * @throws TooManyAttempts without an attempt when a limit is reached.
   */
  async signIn<Outcome>(
    request: Request,
    email: string,
    attempt: () => Promise<Outcome>,
    isFailure: (outcome: Outcome) => boolean,
  ): Promise<Outcome> {
    const account = canonicalEmail(email);
    const here = this.hereKey(request, account);
    const anywhere = async (): Promise<Outcome> => {
      try {
        return await this.failuresAnywhere.run(account, attempt, isFailure);
      } catch (error) {
        if (!(error instanceof TooManyAttempts) || !(await this.isKnown(request, account))) throw error;
        return attempt();
      }
    };
    return this.failuresHere.run(here, anywhere, isFailure);
  }

  /**
   * Counts a registration, successful or not, by email and network. By email alone, a stranger who knows the email of an
   * invite could keep its holder from registering.
   * @throws TooManyAttempts when the limit is reached.
   */
  countSignUp(request: Request, email: string): void {
    this.signUps.count(this.hereKey(request, canonicalEmail(email)));
  }

  /**
   * Attempts an action that a signed-in user confirms with the current password, and counts a wrong password. Counted per
   * user and not per session, because whoever has stolen one session can create more.
   * @throws TooManyAttempts without an attempt when the limit is reached.
   */
  async confirm<Outcome>(
    userId: string,
    attempt: () => Promise<Outcome>,
    isFailure: (outcome: Outcome) => boolean,
  ): Promise<Outcome> {
    return this.failedConfirmations.run(userId, attempt, isFailure);
  }

  /** Returns the key for an account's attempts from one network. */
  private hereKey(request: Request, account: string): string {
    return `${this.networks.of(request)} ${account}`;
  }

  private async isKnown(request: Request, account: string): Promise<boolean> {
    const { publicUrl } = this.config.http;
    if (!hasBrowserCookie(request, publicUrl)) return false;
    const user = await this.users.findByEmail(account);
    return user !== undefined && isKnownBrowser(request, publicUrl, user);
  }
}
