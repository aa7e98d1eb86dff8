import { Injectable } from '@nestjs/common';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hashesAtOnce } from './hash-threads';
import { normalizedPassword } from './normalized-password';
import { Semaphore } from './semaphore';

/** OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane. */
const ARGON2ID = {
  algorithm: 2 satisfies Algorithm.Argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};

const AT_ONCE = hashesAtOnce(process.env.UV_THREADPOOL_SIZE, availableParallelism());
/** The maximum number of queued requests. Further ones would wait longer than about a second. */
const MAX_WAITING = 32;

@Injectable()
export class PasswordHasher {
  private readonly semaphore = new Semaphore(AT_ONCE);
  private places = AT_ONCE + MAX_WAITING;
  /** The hash of a random password, which is verified for an unknown user, so that both cases take the same time. */
  private readonly decoy = this.hash(randomBytes(32).toString('hex'));

  hash(password: string): Promise<string> {
    return this.semaphore.run(() => hash(normalizedPassword(password), ARGON2ID));
  }

  /**
   * Verifies a password. A refusal takes as many argon2 runs for an unknown user (`encoded` undefined) as for a wrong
   * password: one, or two when the typed form differs from its normalization, because a hash from before normalization may
   * be of the typed form.
   */
  async verify(encoded: string | undefined, typed: string): Promise<boolean> {
    const reference = encoded ?? (await this.decoy);
    for (const form of new Set([normalizedPassword(typed), typed])) {
      const matches = await this.semaphore.run(() => verify(reference, form));
      if (matches && encoded !== undefined) return true;
    }
    return false;
  }

  /**
   * Reserves a place for a request that will hash a password, before any other work is done for it (see
   * `@HashesPassword()`).
   * @returns a function that releases the place, to be called once, or undefined when all places are taken.
   */
  enter(): (() => void) | undefined {
    if (this.places === 0) return undefined;
    this.places -= 1;
    return () => (this.places += 1);
  }
}
