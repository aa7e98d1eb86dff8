import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { EntityManager, In, IsNull, Not, Raw, Repository } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { canonicalEmail } from '../api/email';
import { UserEntity } from './user.entity';

export interface NewUser {
  readonly email: string;
  readonly name?: string | undefined;
  readonly passwordHash: string;
}

@Injectable()
export class UsersService {
  constructor(@InjectRepository(UserEntity) private readonly users: Repository<UserEntity>) {}

  /** Creates a user that is not stored yet. */
  prepare({ email, name, passwordHash }: NewUser): UserEntity {
    return this.users.create({ email: canonicalEmail(email), name: name ?? null, passwordHash });
  }

  /**
   * Stores a user within the caller's transaction. The unique constraint decides whether the email is free, because a
   * query beforehand could race with another registration.
   * @throws ApiException (email_taken)
   */
  async insert(transaction: EntityManager, user: UserEntity): Promise<void> {
    const inserted = await transaction
      .createQueryBuilder()
      .insert()
      .into(UserEntity)
      .values(user)
      .orIgnore()
      .execute();
    if ((inserted.raw as unknown[]).length === 0) {
      throw new ApiException(
        'email_taken',
        'An account with this email exists already. Sign in, or use another email.',
        { field: 'email' },
      );
    }
  }

  /**
   * Finds a user by the email as typed, in any case, and otherwise by its canonical form. The email of an account from
   * before today's rules may not be canonical, because another account had the canonical form, or because it has invisible
   * characters.
   */
  async findByEmail(email: string): Promise<UserEntity | undefined> {
    const typed = email.toLowerCase();
    const found = await this.users.findBy({ email: In([typed, canonicalEmail(email)]) });
    return found.find((user) => user.email === typed) ?? found[0];
  }

  /** Returns whether any account exists. */
  async hasUsers(transaction?: EntityManager): Promise<boolean> {
    return (transaction?.getRepository(UserEntity) ?? this.users).exists();
  }

  /**
   * Changes the display name, or removes it with null.
   * @returns whether the name was a different one before.
   */
  async rename(userId: string, name: string | null): Promise<boolean> {
    const { affected } = await this.users.update(
      {
        id: userId,
        name: name === null ? Not(IsNull()) : Raw((column) => `${column} IS DISTINCT FROM :name`, { name }),
      },
      { name },
    );
    return affected === 1;
  }

  async get(userId: string): Promise<UserEntity> {
    return this.users.findOneByOrFail({ id: userId });
  }
}
