import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength, ValidateIf } from 'class-validator';
import { IsNewEmail, MAX_EMAIL_LENGTH } from '../api/email';
import { trimmed } from '../api/trimmed';
import { UserEntity } from '../auth/user.entity';
import { InviteEntity } from './invite.entity';
import { Joined, NewInvite } from './invites.service';
import { MembershipEntity, Role, ROLES } from './membership.entity';
import { ListedMember } from './members.service';

const INVITE_EXAMPLE = `tvi_${'0123456789abcdef'.repeat(4)}`;

export class MemberDto {
  @ApiProperty({ format: 'uuid' })
  user_id!: string;

  @ApiProperty({ example: 'ada@example.com' })
  email!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Ada' })
  name!: string | null;

  @ApiProperty({ enum: ROLES })
  role!: Role;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'Since when they may not sign in.',
  })
  deactivated_at!: string | null;

  static of({ user, role }: MembershipEntity & { user: UserEntity }): MemberDto {
    const { id, email, name, deactivatedAt } = user;
    return { user_id: id, email, name, role, deactivated_at: deactivatedAt?.toISOString() ?? null };
  }
}

export class ListedMemberDto extends MemberDto {
  @ApiProperty({ description: 'Whether they have stored a key of their own, for any provider.' })
  has_key!: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-28T10:12:00.000Z',
    description:
      'When they or their agents were last here, to the minute: by a session that has not ended, or by a proxy token of this ' +
      'organization or of none.',
  })
  last_active_at!: string | null;

  static ofListed(member: ListedMember): ListedMemberDto {
    return {
      ...MemberDto.of(member),
      has_key: member.hasKey,
      last_active_at: member.lastActiveAt?.toISOString() ?? null,
    };
  }
}

export class ChangeRoleDto {
  @ApiProperty({
    enum: ROLES,
    example: 'developer',
    description: 'Only an owner can make an owner or an auditor.',
  })
  @IsIn(ROLES)
  role!: Role;
}

export class CreateInviteDto {
  @ApiProperty({
    enum: ROLES,
    example: 'developer',
    description: 'Only an owner can invite an owner or an auditor.',
  })
  @IsIn(ROLES)
  role!: Role;

  @ApiPropertyOptional({
    example: 'grace@example.com',
    maxLength: MAX_EMAIL_LENGTH,
    description: 'Whose invite it is. Without it, whoever has the code can use it.',
  })
  @ValidateIf((_, email) => email !== undefined)
  @IsNewEmail()
  email?: string;
}

export class InviteDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: ROLES })
  role!: Role;

  @ApiProperty({ type: String, nullable: true, example: 'grace@example.com' })
  email!: string | null;

  @ApiProperty({ format: 'uuid' })
  created_by!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:30:00.000Z' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-30T09:30:00.000Z' })
  expires_at!: string;

  static of({ id, role, email, createdBy, createdAt, expiresAt }: InviteEntity): InviteDto {
    return {
      id,
      role,
      email,
      created_by: createdBy,
      created_at: createdAt.toISOString(),
      expires_at: expiresAt.toISOString(),
    };
  }
}

export class NewInviteDto extends InviteDto {
  @ApiProperty({ example: INVITE_EXAMPLE, description: 'The code, for signing up once. Shown only here.' })
  code!: string;

  static ofNew({ entity, code }: NewInvite): NewInviteDto {
    return { ...InviteDto.of(entity), code };
  }
}

export class AcceptInviteDto {
  @ApiProperty({ example: INVITE_EXAMPLE })
  @trimmed
  @IsString()
  @MaxLength(256)
  invite!: string;
}

export class JoinedDto {
  @ApiProperty({ format: 'uuid' })
  org_id!: string;

  @ApiProperty({ example: 'acme' })
  org_name!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Acme Inc.' })
  org_display_name!: string | null;

  @ApiProperty({ enum: ROLES })
  role!: Role;

  static of({ org, role }: Joined): JoinedDto {
    return { org_id: org.id, org_name: org.name, org_display_name: org.displayName, role };
  }
}
