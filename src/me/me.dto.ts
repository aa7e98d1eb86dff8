import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { trimmed } from '../api/trimmed';
import { KeyStatus } from '../credentials/credentials.service';
import { Outcome, OUTCOMES } from '../exchange/facts';
import { Role, ROLES } from '../orgs/membership.entity';

const LONGEST_KEY = 256;

/** @returns what is wrong with it, without a word of it; undefined when nothing is. */
function anthropicKeyFault(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '')
    return 'key must be your Anthropic API key, a text that begins with sk-ant-';
  if (!value.startsWith('sk-ant-')) return 'key must begin with sk-ant-';
  if (value.length > LONGEST_KEY) return `key must have at most ${LONGEST_KEY} characters`;
  if (!/^[\x21-\x7e]+$/.test(value))
    return 'key must be printable ASCII without spaces; was something else pasted with it?';
  return value === 'sk-ant-' ? 'key must go on after sk-ant-' : undefined;
}

export class AnthropicKeyDto {
  @ApiProperty({
    example: 'sk-ant-api03-...',
    maxLength: LONGEST_KEY,
    format: 'password',
    description:
      'White space around it is cut. It must begin with sk-ant- and be printable ASCII without spaces.',
  })
  @trimmed
  @ValidateBy({
    name: 'isAnthropicKey',
    validator: {
      validate: (value) => anthropicKeyFault(value) === undefined,
      defaultMessage: (args) => anthropicKeyFault(args?.value) ?? '',
    },
  })
  key!: string;
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
  @ApiProperty({ description: 'Whether a key is stored. Never the key, nor a part of it.' })
  configured!: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-23T09:30:00.000Z' })
  configured_at!: string | null;

  @ApiProperty({
    type: KeyUseDto,
    nullable: true,
    description: 'The last request through the proxy with this key, to the minute; null when there was none.',
  })
  last_use!: KeyUseDto | null;

  static of(status: KeyStatus | undefined): AnthropicKeyStatusDto {
    return {
      configured: status !== undefined,
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
}
