import { ApiProperty } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { IsDisplayText } from '../api/display-text';
import { trimmed } from '../api/trimmed';
import { ApiKeyEntity } from './api-key.entity';
import { NewApiKey } from './api-keys.service';
import { OrgEntity } from './org.entity';
import { MAX_ORG_NAME_LENGTH } from './org-name';

const MAX_NAME_LENGTH = 100;

export class RenameOrgDto {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'Acme Inc.',
    minLength: 1,
    maxLength: MAX_ORG_NAME_LENGTH,
    description: 'What people see. With null they see the name in its URL form.',
  })
  @ValidateIf((_, name) => name !== null)
  @trimmed
  @IsDisplayText({ min: 1, max: MAX_ORG_NAME_LENGTH })
  display_name!: string | null;
}

export class OrgDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'acme', description: 'In its URL form. It stays as it is.' })
  name!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Acme Inc.' })
  display_name!: string | null;

  static of({ id, name, displayName }: OrgEntity): OrgDto {
    return { id, name, display_name: displayName };
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
