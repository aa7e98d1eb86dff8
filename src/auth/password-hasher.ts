import { Injectable } from '@nestjs/common';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const ARGON2ID = {
  algorithm: 2 satisfies Algorithm.Argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};

@Injectable()
export class PasswordHasher {
  /** Nobody's password: checked against when there is no such user, so that both cases take the same time. */
  private readonly decoy = this.hash(randomBytes(32).toString('hex'));

  hash(password: string): Promise<string> {
    return hash(password, ARGON2ID);
  }

  /** One argon2 run in every case, also for a user that doesn't exist (`encoded` undefined). */
  async verify(encoded: string | undefined, password: string): Promise<boolean> {
    const matches = await verify(encoded ?? (await this.decoy), password);
    return matches && encoded !== undefined;
  }
}
