import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { IsTypedEmail, MAX_EMAIL_LENGTH } from '../api/email';
import { trimmed } from '../api/trimmed';
import { SessionEntity, SessionKind } from '../auth/session.entity';
import {
  IsAcceptablePassword,
  MAX_PASSWORD_LENGTH,
  MAX_TYPED_PASSWORD_LENGTH,
  MIN_PASSWORD_LENGTH,
} from './acceptable-password';

export class LoginDto {
  @ApiProperty({ example: 'ada@example.com', maxLength: MAX_EMAIL_LENGTH })
  @trimmed
  @IsTypedEmail()
  email!: string;

  @ApiProperty({ example: 'correct horse battery', maxLength: MAX_PASSWORD_LENGTH, format: 'password' })
  @IsString()
  @MaxLength(MAX_TYPED_PASSWORD_LENGTH, { message: 'password is too long' })
  password!: string;
}

export class ChangePasswordDto {
  @ApiProperty({ example: 'correct horse battery', maxLength: MAX_PASSWORD_LENGTH, format: 'password' })
  @IsString()
  @MaxLength(MAX_TYPED_PASSWORD_LENGTH, { message: 'current_password is too long' })
  current_password!: string;

  @ApiProperty({
    example: 'a longer horse battery',
    minLength: MIN_PASSWORD_LENGTH,
    maxLength: MAX_PASSWORD_LENGTH,
    format: 'password',
    description: 'Common passwords are refused.',
  })
  @IsAcceptablePassword()
  new_password!: string;
}

export class DeleteMeDto {
  @ApiProperty({ example: 'correct horse battery', maxLength: MAX_PASSWORD_LENGTH, format: 'password' })
  @IsString()
  @MaxLength(MAX_TYPED_PASSWORD_LENGTH, { message: 'current_password is too long' })
  current_password!: string;
}

export class LoggedInDto {
  @ApiProperty({
    example: `tvs_${'0123456789abcdef'.repeat(4)}`,
    description: 'The session token. Shown only here.',
  })
  token!: string;

  @ApiProperty({ format: 'uuid' })
  user_id!: string;

  @ApiProperty({ example: 'ada@example.com' })
  email!: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-23T09:30:00.000Z' })
  expires_at!: string;
}

export class SessionDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({
    enum: ['register', 'login', 'device'] satisfies SessionKind[],
    description: 'How it began.',
  })
  kind!: SessionKind;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'Mozilla/5.0',
    description: 'Of the client that began it.',
  })
  user_agent!: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:30:00.000Z' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T10:12:00.000Z', description: 'To the minute.' })
  last_used_at!: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-23T09:30:00.000Z' })
  expires_at!: string;

  @ApiProperty({ description: 'Whether it is the one that asks.' })
  current!: boolean;

  static of(session: SessionEntity, currentId: string): SessionDto {
    return {
      id: session.id,
      kind: session.kind,
      user_agent: session.userAgent,
      created_at: session.createdAt.toISOString(),
      last_used_at: session.lastUsedAt.toISOString(),
      expires_at: session.expiresAt.toISOString(),
      current: session.id === currentId,
    };
  }
}
