import { Inject, Injectable } from '@nestjs/common';
import { Request } from 'express';
import { Attempts } from '../api/attempts';
import { ClientNetworks } from '../api/client-networks';
import { canonicalEmail } from '../api/email';
import { TooManyAttempts } from '../api/too-many-attempts';
import { UsersService } from '../auth/users.service';
import { CONFIG, Config } from '../config/config';
import { hasBrowserCookie, isKnownBrowser } from './browser-cookie';

/** A minute, for one account from one network; what a person who mistypes stays far below. */
const MAX_FAILURES = 10;
/** A minute, for one account from everywhere. */
const MAX_FAILURES_ANYWHERE = 100;

/** How often a password may be guessed (docs/decisions/0019). Beside these, each handler has a limit by network. */
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
   * Tries a sign-in, and counts it when it fails: by email and network, so that a stranger uses up nobody's attempts but
   * their own, and by email alone, so that many strangers together come to an end as well.
   * @throws TooManyAttempts without trying it.
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
   * Counts a sign-up, whatever comes of it: by email and network, or a stranger who knows whom an invite is for could keep
   * them from signing up.
   * @throws TooManyAttempts
   */
  countSignUp(request: Request, email: string): void {
    this.signUps.count(this.hereKey(request, canonicalEmail(email)));
  }

  /**
   * Tries what a signed-in person confirms with their current password, and counts it when that was wrong. By person and
   * not by session: whoever has stolen one session can make more.
   * @throws TooManyAttempts without trying it.
   */
  async confirm<Outcome>(
    userId: string,
    attempt: () => Promise<Outcome>,
    isFailure: (outcome: Outcome) => boolean,
  ): Promise<Outcome> {
    return this.failedConfirmations.run(userId, attempt, isFailure);
  }

  /** Counts an account's attempts from one network. */
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
