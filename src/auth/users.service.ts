import { ConflictException, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { EntityManager, Repository } from 'typeorm';
import { PasswordHasher } from './password-hasher';
import { UserEntity } from './user.entity';

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
}

export interface PasswordCheck {
  /** Whose email was given, whatever the password. */
  readonly claimed: UserEntity | undefined;
  /** Who it is, when the password is theirs as well. */
  readonly user: UserEntity | undefined;
}

/** As it is stored and compared: addresses differ by case for nobody. */
export function normalizeEmail(email: string): string {
  return email.toLowerCase();
}

@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(UserEntity) private readonly users: Repository<UserEntity>,
    private readonly passwords: PasswordHasher,
  ) {}

  /** A user that is not stored yet. Hashing takes tens of milliseconds: do it before a transaction begins. */
  async prepare({ email, password, name }: NewUser): Promise<UserEntity> {
    return this.users.create({
      email: normalizeEmail(email),
      name: name ?? null,
      passwordHash: await this.passwords.hash(password),
    });
  }

  /**
   * Stores it within the caller's transaction. The constraint decides whether the email is free, and not a look
   * beforehand that another sign-up could overtake.
   * @throws ConflictException when the email is taken.
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
      throw new ConflictException(
        'An account with this email exists already. Sign in, or use another email.',
      );
    }
  }

  /** Takes the same time for a wrong email and for a wrong password. */
  async checkPassword(email: string, password: string): Promise<PasswordCheck> {
    const user = await this.findByEmail(email);
    const matches = await this.passwords.verify(user?.passwordHash, password);
    return { claimed: user, user: matches ? user : undefined };
  }

  async findByEmail(email: string): Promise<UserEntity | undefined> {
    return (await this.users.findOneBy({ email: normalizeEmail(email) })) ?? undefined;
  }

  /** Whether there is any account at all. */
  async isAnyone(transaction?: EntityManager): Promise<boolean> {
    return (transaction?.getRepository(UserEntity) ?? this.users).exists();
  }

  async get(userId: string): Promise<UserEntity> {
    return this.users.findOneByOrFail({ id: userId });
  }
}
