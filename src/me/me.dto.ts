import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsString, ValidateIf } from 'class-validator';
import { IsDisplayText } from '../api/display-text';
import { trimmed } from '../api/trimmed';
import { UserEntity } from '../auth/user.entity';
import { KeyStatus } from '../credentials/credentials.service';
import { Outcome, OUTCOMES } from '../exchange/facts';
import { callOrg } from '../orgs/call-org';
import { Role, ROLES } from '../orgs/membership.entity';
import { CAPTURE_POLICIES, CapturePolicy, PERSONAL_KEYS, PersonalKeys } from '../orgs/org.entity';
import { Membership } from '../orgs/orgs.service';
import { ANTHROPIC } from '../providers/anthropic';
import { IsAnthropicKey } from './provider-key';

const FINGERPRINT = 'sk-ant-api03…wXyZ';
const MAX_NAME_LENGTH = 100;

export class AnthropicKeyDto {
  @ApiProperty({
    example: 'sk-ant-api03-...',
    maxLength: ANTHROPIC.key.maxLength,
    format: 'password',
    description:
      'Whitespace around it is cut. It must begin with sk-ant- and be printable ASCII without spaces. Admin keys (sk-ant-admin) and tokens of Claude subscriptions (sk-ant-oat) are refused.',
  })
  @trimmed
  @IsAnthropicKey()
  key!: string;
}

/** Converts a query parameter to a boolean: in a query, all values are strings. */
const flag = Transform(({ value }: { value: unknown }) =>
  value === 'true' ? true : value === 'false' ? false : value,
);

export class StoreKeyQueryDto {
  @ApiPropertyOptional({
    default: false,
    description:
      'Ask Anthropic first whether it takes the key: one request for the list of models, at most five seconds. Only a key that works is stored, and the answer says so with 200.',
  })
  @flag
  @IsBoolean()
  check: boolean = false;

  @ApiPropertyOptional({
    default: false,
    description: 'With `check`: store it without asking. Nothing is sent to Anthropic.',
  })
  @flag
  @IsBoolean()
  force: boolean = false;
}

export class CheckedKeyDto {
  @ApiProperty({
    enum: ['works', 'unchecked'],
    description: 'Whether Anthropic took the key just now, or it was stored by `force` without asking.',
  })
  status!: 'works' | 'unchecked';

  @ApiProperty({ example: FINGERPRINT, description: 'As in the status of the key.' })
  fingerprint!: string;
}

class KeyUseDto {
  @ApiProperty({ format: 'date-time', example: '2026-11-23T10:12:00.000Z', description: 'When it came in.' })
  at!: string;

  @ApiProperty({ type: String, nullable: true, example: 'claude-cli/2.1.330 (external, cli)' })
  client!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 200,
    description: 'Of the answer; null when the client left before there was one.',
  })
  status!: number | null;

  @ApiProperty({
    enum: OUTCOMES,
    description: 'Whether the client got the whole answer (`completed`), and if not, who broke off.',
  })
  outcome!: Outcome;
}

export class AnthropicKeyStatusDto {
  @ApiProperty({ description: 'Whether a key is stored. Never the key.' })
  configured!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    example: FINGERPRINT,
    description:
      'Its first twelve and last four characters, to tell it from another one; of a key with less than 24 characters only `sk-ant-…`. Null of a key that was stored before fingerprints were kept.',
  })
  fingerprint!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-23T09:30:00.000Z' })
  configured_at!: string | null;

  @ApiProperty({
    type: KeyUseDto,
    nullable: true,
    description:
      'The last request through the proxy with this key; null when there was none. One that another replica answered can be missing for a minute, unless calls begin to fail with it, or work again.',
  })
  last_use!: KeyUseDto | null;

  static of(status: KeyStatus | undefined): AnthropicKeyStatusDto {
    return {
      configured: status !== undefined,
      fingerprint: status?.fingerprint ?? null,
      configured_at: status?.configuredAt.toISOString() ?? null,
      last_use: status?.lastUse ?? null,
    };
  }
}

class MyOrgDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'acme' })
  name!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Acme Inc.' })
  display_name!: string | null;

  @ApiProperty({ enum: ROLES })
  role!: Role;

  @ApiProperty({ enum: PERSONAL_KEYS, description: 'Whether its members use keys of their own.' })
  personal_keys!: PersonalKeys;

  @ApiProperty({ enum: CAPTURE_POLICIES, description: 'Whether the content of its calls is kept.' })
  capture!: CapturePolicy;

  @ApiProperty({
    example: 0,
    description:
      'How many members are auditors. They can read what is kept of its calls, each time with a reason, which the person whose call it was sees.',
  })
  auditors!: number;
}

export class UpdateMeDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'Ada',
    minLength: 1,
    maxLength: MAX_NAME_LENGTH,
    description: 'What others see beside the email; null: nothing.',
  })
  @ValidateIf((_, name) => name !== null && name !== undefined)
  @trimmed
  @IsDisplayText({ min: 1, max: MAX_NAME_LENGTH })
  name?: string | null;

  @ApiPropertyOptional({
    example: 'acme',
    description: 'The organization that the calls of my sessions belong to; one that I am in.',
  })
  @ValidateIf((_, name) => name !== undefined)
  @IsString()
  current_org?: string;
}

export class ProfileDto {
  @ApiProperty({ format: 'uuid' })
  user_id!: string;

  @ApiProperty({ example: 'ada@example.com' })
  email!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Ada' })
  name!: string | null;

  @ApiProperty({ type: [MyOrgDto] })
  orgs!: MyOrgDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'acme',
    description: 'The organization that the calls of my sessions belong to; null when I am in none.',
  })
  current_org!: string | null;

  /** @param auditors the number of auditors of each organization that has any, by its id. */
  static of(
    { id, email, name, currentOrgId }: UserEntity,
    memberships: readonly Membership[],
    auditors: ReadonlyMap<string, number>,
  ): ProfileDto {
    const orgs = memberships.map(({ org, role }) => ({
      id: org.id,
      name: org.name,
      display_name: org.displayName,
      role,
      personal_keys: org.personalKeys,
      capture: org.capture,
      auditors: auditors.get(org.id) ?? 0,
    }));
    const current = callOrg(
      memberships.map(({ org }) => org),
      currentOrgId,
    );
    return { user_id: id, email, name, orgs, current_org: current?.name ?? null };
  }
}
