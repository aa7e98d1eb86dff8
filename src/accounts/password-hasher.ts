import { Injectable } from '@nestjs/common';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hashesAtOnce } from './hash-threads';
import { normalizedPassword } from './normalized-password';
import { Semaphore } from './semaphore';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const ARGON2ID = {
  algorithm: 2 satisfies Algorithm.Argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};

const AT_ONCE = hashesAtOnce(process.env.UV_THREADPOOL_SIZE, availableParallelism());
/** Who comes later would wait for longer than about a second. */
const MAX_WAITING = 32;

@Injectable()
export class PasswordHasher {
  private readonly semaphore = new Semaphore(AT_ONCE);
  private places = AT_ONCE + MAX_WAITING;
  /** Nobody's password: checked against when there is no such user, so that both cases take the same time. */
  private readonly decoy = this.hash(randomBytes(32).toString('hex'));

  hash(password: string): Promise<string> {
    return this.semaphore.take(() => hash(normalizedPassword(password), ARGON2ID));
  }

  /**
   * A refusal takes as many argon2 runs for a user that doesn't exist (`encoded` undefined) as for a wrong password: one,
   * or two when the password was typed in a form that a hash from before normalization can have been created of.
   */
  async verify(encoded: string | undefined, typed: string): Promise<boolean> {
    const reference = encoded ?? (await this.decoy);
    for (const form of new Set([normalizedPassword(typed), typed])) {
      const matches = await this.semaphore.take(() => verify(reference, form));
      if (matches && encoded !== undefined) return true;
    }
    return false;
  }

  /**
   * A place for a request that will hash, before anything is done for it (see `@HashesPassword()`).
   * @returns what gives the place back, to be called once; undefined when all are taken.
   */
  enter(): (() => void) | undefined {
    if (this.places === 0) return undefined;
    this.places -= 1;
    return () => (this.places += 1);
  }
}
