import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, ValidateIf } from 'class-validator';
import { IsDisplayText } from '../api/display-text';
import { trimmed } from '../api/trimmed';
import { ApiKeyEntity } from './api-key.entity';
import { NewApiKey } from './api-keys.service';
import { CAPTURE_POLICIES, CapturePolicy, OrgEntity, PERSONAL_KEYS, PersonalKeys } from './org.entity';
import { MAX_ORG_NAME_LENGTH } from './org-name';

const MAX_NAME_LENGTH = 100;
const PERSONAL_KEYS_MEANING =
  'Whether members use keys of their own: `allowed` (their own, else the organization’s), `required` (their own only) or `forbidden` (the organization’s only).';

const CAPTURE_MEANING =
  'Whether the content of the organization’s calls is kept: `off`, `members_choose` (of those who have turned it on) or `required`. The person whose call it was can read it, and an auditor with a reason.';

export class UpdateOrgDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'Acme Inc.',
    minLength: 1,
    maxLength: MAX_ORG_NAME_LENGTH,
    description: 'What people see. With null they see the name in its URL form.',
  })
  @ValidateIf((_, name) => name !== null && name !== undefined)
  @trimmed
  @IsDisplayText({ min: 1, max: MAX_ORG_NAME_LENGTH })
  display_name?: string | null;

  @ApiPropertyOptional({ enum: PERSONAL_KEYS, description: PERSONAL_KEYS_MEANING })
  @ValidateIf((_, value) => value !== undefined)
  @IsIn(PERSONAL_KEYS)
  personal_keys?: PersonalKeys;

  @ApiPropertyOptional({ enum: CAPTURE_POLICIES, description: CAPTURE_MEANING })
  @ValidateIf((_, value) => value !== undefined)
  @IsIn(CAPTURE_POLICIES)
  capture?: CapturePolicy;
}

export class DeleteOrgQueryDto {
  @ApiProperty({
    example: 'acme',
    description:
      'The organization’s name in its URL form, as in the path: what is not to be given by accident.',
  })
  @IsDisplayText({ min: 1, max: MAX_ORG_NAME_LENGTH })
  confirm!: string;
}

export class OrgDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'acme', description: 'In its URL form. It stays as it is.' })
  name!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Acme Inc.' })
  display_name!: string | null;

  @ApiProperty({ enum: PERSONAL_KEYS, description: PERSONAL_KEYS_MEANING })
  personal_keys!: PersonalKeys;

  @ApiProperty({ enum: CAPTURE_POLICIES, description: CAPTURE_MEANING })
  capture!: CapturePolicy;

  static of({ id, name, displayName, personalKeys, capture }: OrgEntity): OrgDto {
    return { id, name, display_name: displayName, personal_keys: personalKeys, capture };
  }
}

export class CreateApiKeyDto {
  @ApiProperty({ example: 'build server', maxLength: MAX_NAME_LENGTH })
  @trimmed
  @IsDisplayText({ min: 1, max: MAX_NAME_LENGTH })
  name!: string;
}

export class ApiKeyDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'build server' })
  name!: string;

  @ApiProperty({ example: 'tvk_01234567', description: 'The first characters, for telling keys apart.' })
  prefix!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  created_by!: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:30:00.000Z' })
  created_at!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'To the minute.',
  })
  last_used_at!: string | null;

  static of(entity: ApiKeyEntity): ApiKeyDto {
    return {
      id: entity.id,
      name: entity.name,
      prefix: entity.prefix,
      created_by: entity.createdBy,
      created_at: entity.createdAt.toISOString(),
      last_used_at: entity.lastUsedAt?.toISOString() ?? null,
    };
  }
}

export class NewApiKeyDto extends ApiKeyDto {
  @ApiProperty({ example: `tvk_${'0123456789abcdef'.repeat(4)}`, description: 'The key. Shown only here.' })
  key!: string;

  static ofNew({ entity, key }: NewApiKey): NewApiKeyDto {
    return { ...ApiKeyDto.of(entity), key };
  }
}
