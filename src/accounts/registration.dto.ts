import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator';
import { IsDisplayText } from '../api/display-text';
import { IsNewEmail, MAX_EMAIL_LENGTH } from '../api/email';
import { fieldRule } from '../api/field-rule';
import { trimmed } from '../api/trimmed';
import { MAX_ORG_NAME_LENGTH, orgSlug } from '../orgs/org-name';
import { IsAcceptablePassword, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './acceptable-password';

const MAX_NAME_LENGTH = 100;

const hasSlug = fieldRule(['no_letter_or_digit'], (field, value) =>
  // A longer name is refused by another rule; deriving its slug would be slow.
  typeof value === 'string' && orgSlug(value.slice(0, 2 * MAX_ORG_NAME_LENGTH)) !== ''
    ? undefined
    : { code: 'no_letter_or_digit', message: `${field} must hold at least one letter a to z or digit` },
);

export class RegisterDto {
  @ApiProperty({ example: 'ada@example.com', maxLength: MAX_EMAIL_LENGTH })
  @IsNewEmail()
  email!: string;

  @ApiProperty({
    example: 'correct horse battery',
    minLength: MIN_PASSWORD_LENGTH,
    maxLength: MAX_PASSWORD_LENGTH,
    format: 'password',
    description: 'Common passwords are refused.',
  })
  @IsAcceptablePassword()
  password!: string;

  @ApiPropertyOptional({ example: 'Ada', maxLength: MAX_NAME_LENGTH })
  @IsOptional()
  @trimmed
  @IsDisplayText({ min: 0, max: MAX_NAME_LENGTH })
  name?: string;

  @ApiPropertyOptional({
    example: 'acme',
    maxLength: MAX_ORG_NAME_LENGTH,
    description: 'For an organization of one’s own. Its URL form (a slug) has to be free.',
  })
  @ValidateIf((_, orgName) => orgName !== undefined)
  @trimmed
  @IsDisplayText({ min: 1, max: MAX_ORG_NAME_LENGTH })
  @hasSlug
  org_name?: string;

  @ApiPropertyOptional({
    example: `tvi_${'0123456789abcdef'.repeat(4)}`,
    description: 'The code of an invite, in place of `org_name`.',
  })
  @ValidateIf((_, invite) => invite !== undefined)
  @trimmed
  @IsString()
  @MaxLength(256)
  invite?: string;
}

export class RegisteredDto {
  @ApiProperty({ format: 'uuid' })
  user_id!: string;

  @ApiProperty({ format: 'uuid' })
  org_id!: string;

  @ApiProperty({ example: 'acme', description: 'The name in its URL form.' })
  org_name!: string;

  @ApiProperty({
    example: `tvs_${'0123456789abcdef'.repeat(4)}`,
    description: 'A session token. Shown only here.',
  })
  token!: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-23T09:30:00.000Z' })
  expires_at!: string;
}
