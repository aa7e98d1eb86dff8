import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsString, Max, Min, ValidateIf } from 'class-validator';
import { IsDisplayText } from '../api/display-text';
import { trimmed } from '../api/trimmed';
import { ProxyTokenEntity } from '../auth/proxy-token.entity';
import { NewProxyToken } from '../auth/proxy-tokens.service';

const MAX_NAME_LENGTH = 100;
/** The maximum lifetime of a proxy token in days: ten years. */
const MAX_DAYS = 3650;

export class ProxyTokenNameDto {
  @ApiProperty({ example: 'build server', minLength: 1, maxLength: MAX_NAME_LENGTH })
  @trimmed
  @IsDisplayText({ min: 1, max: MAX_NAME_LENGTH })
  name!: string;
}

export class CreateProxyTokenDto extends ProxyTokenNameDto {
  @ApiPropertyOptional({
    type: 'integer',
    nullable: true,
    example: 90,
    minimum: 1,
    maximum: MAX_DAYS,
    description: 'How long it lasts. Without it, or with null, until it is revoked.',
  })
  @ValidateIf((_, days) => days !== undefined && days !== null)
  @IsInt()
  @Min(1)
  @Max(MAX_DAYS)
  expires_in_days?: number | null;

  @ApiPropertyOptional({
    example: 'acme',
    description:
      'The organization that calls with the token belong to, one that I am in. Without it, my current organization.',
  })
  @ValidateIf((_, name) => name !== undefined)
  @IsString()
  org?: string;
}

export class ProxyTokenDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'build server' })
  name!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'tvp_0123…cdef',
    description:
      'What the token begins and ends with; null for one of an earlier version, until its next use.',
  })
  masked_token!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'acme',
    description:
      'The organization that calls with the token belong to. When its owner leaves it, the token is revoked. Null for a token that was created in no organization: its calls belong to the current one.',
  })
  org!: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:30:00.000Z' })
  created_at!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2027-02-21T09:30:00.000Z',
    description: 'From then on it is refused; null: never.',
  })
  expires_at!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'To the minute.',
  })
  last_used_at!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'claude-cli/2.1.330 (external, cli)',
    description: 'What the client called itself then.',
  })
  last_client!: string | null;

  /** @param org the name of the token's organization. */
  static of(entity: ProxyTokenEntity, org: string | null): ProxyTokenDto {
    return {
      id: entity.id,
      name: entity.name,
      masked_token: entity.maskedToken,
      org,
      created_at: entity.createdAt.toISOString(),
      expires_at: entity.expiresAt?.toISOString() ?? null,
      last_used_at: entity.lastUsedAt?.toISOString() ?? null,
      last_client: entity.lastClient,
    };
  }
}

export class NewProxyTokenDto extends ProxyTokenDto {
  @ApiProperty({
    example: `tvp_${'0123456789abcdef'.repeat(4)}`,
    description: 'The token. Shown only here.',
  })
  token!: string;

  static ofNew({ entity, token }: NewProxyToken, org: string | null): NewProxyTokenDto {
    return { ...ProxyTokenDto.of(entity, org), token };
  }
}
