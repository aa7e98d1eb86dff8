import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator';
import { IsDisplayText } from '../api/display-text';
import { FormEndpoints } from '../api/form-body';
import { trimmed } from '../api/trimmed';
import { DeviceAuthorizationEntity } from './device-authorization.entity';
import { DEVICE_CODE_SECONDS, POLL_INTERVAL_SECONDS, Redeemed } from './device-login.service';

const MAX_CLIENT_NAME_LENGTH = 100;
/** The only supported grant type (RFC 8628 3.4). Clients may leave it out. */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** The endpoints of RFC 8628 that accept a form, as OAuth clients send it, and the parameters that each of them reads. */
export const DEVICE_LOGIN_FORMS: FormEndpoints = {
  '/v1/auth/device/authorize': ['client_name'],
  '/v1/auth/device/token': ['device_code', 'grant_type'],
};

export class DeviceAuthorizeDto {
  @ApiPropertyOptional({
    example: 'tracevault on ada-laptop',
    maxLength: MAX_CLIENT_NAME_LENGTH,
    description: 'Shown to the person who approves. Without it, the user agent is.',
  })
  @IsOptional()
  @trimmed
  @IsDisplayText({ min: 0, max: MAX_CLIENT_NAME_LENGTH })
  client_name?: string;
}

export class DeviceAuthorizedDto {
  @ApiProperty({ example: `tvd_${'0123456789abcdef'.repeat(4)}`, description: 'The client polls with it.' })
  device_code!: string;

  @ApiProperty({ example: 'WDJB-MJHT', description: 'The person types it, or compares it.' })
  user_code!: string;

  @ApiProperty({ format: 'uri', example: 'http://127.0.0.1:3000/device' })
  verification_uri!: string;

  @ApiProperty({ format: 'uri', example: 'http://127.0.0.1:3000/device?user_code=WDJB-MJHT' })
  verification_uri_complete!: string;

  @ApiProperty({ example: DEVICE_CODE_SECONDS, description: 'Seconds until both codes are worth nothing.' })
  expires_in!: number;

  @ApiProperty({ example: POLL_INTERVAL_SECONDS, description: 'Seconds to wait between two polls.' })
  interval!: number;
}

export class DeviceTokenDto {
  @ApiProperty({ example: `tvd_${'0123456789abcdef'.repeat(4)}` })
  @IsString()
  @MaxLength(256)
  device_code!: string;

  @ApiPropertyOptional({ example: DEVICE_GRANT })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  grant_type?: string;
}

export class DeviceSessionDto {
  @ApiProperty({ example: `tvs_${'0123456789abcdef'.repeat(4)}`, description: 'Shown only here.' })
  access_token!: string;

  @ApiProperty({ example: 'Bearer' })
  token_type!: 'Bearer';

  @ApiProperty({ example: 2_592_000, description: 'Seconds.' })
  expires_in!: number;

  @ApiProperty({ format: 'date-time', example: '2026-12-23T09:30:00.000Z' })
  expires_at!: string;

  @ApiProperty({ format: 'uuid' })
  user_id!: string;

  @ApiProperty({ example: 'ada@example.com' })
  email!: string;

  static of({ user, session }: Redeemed): DeviceSessionDto {
    return {
      access_token: session.token,
      token_type: 'Bearer',
      expires_in: Math.floor((session.expiresAt.getTime() - Date.now()) / 1000),
      expires_at: session.expiresAt.toISOString(),
      user_id: user.id,
      email: user.email,
    };
  }
}

export class UserCodeDto {
  @ApiProperty({ example: 'WDJB-MJHT', description: 'In any case, with or without the hyphen.' })
  @IsString()
  @MaxLength(64)
  user_code!: string;
}

export class DeviceDecisionDto extends UserCodeDto {
  @ApiPropertyOptional({ enum: ['approve', 'deny'], default: 'approve' })
  @ValidateIf((_, action) => action !== undefined) // not IsOptional(), which accepts null, and null would approve
  @IsIn(['approve', 'deny'])
  action: 'approve' | 'deny' = 'approve';
}

export class PendingDeviceDto {
  @ApiProperty({ example: 'tracevault on ada-laptop', description: 'What the client calls itself.' })
  client_name!: string;

  @ApiProperty({ type: String, nullable: true, example: '192.0.2.7', description: 'Where it asked from.' })
  client_address!: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:30:00.000Z' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:40:00.000Z' })
  expires_at!: string;

  static of(waiting: DeviceAuthorizationEntity): PendingDeviceDto {
    return {
      client_name: waiting.clientName,
      client_address: waiting.clientAddress,
      created_at: waiting.createdAt.toISOString(),
      expires_at: waiting.expiresAt.toISOString(),
    };
  }
}
