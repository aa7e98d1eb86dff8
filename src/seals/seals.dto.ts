import { ApiProperty } from '@nestjs/swagger';
import { SigningKey } from '../credentials/signing-keys.service';
import { LastSeal } from './seals.service';

export class SealKeyDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: ['Ed25519'] })
  algorithm!: 'Ed25519';

  @ApiProperty({ description: 'The public key, as SubjectPublicKeyInfo in PEM.' })
  public_key!: string;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  static of({ id, publicKey, createdAt }: SigningKey): SealKeyDto {
    return {
      id,
      algorithm: 'Ed25519',
      public_key: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      created_at: createdAt.toISOString(),
    };
  }
}

export class SealKeysDto {
  @ApiProperty({
    type: [SealKeyDto],
    description: 'The oldest first. There are several after a master key was lost.',
  })
  keys!: SealKeyDto[];
}

export class LastSealDto {
  @ApiProperty({ enum: ['seal'] })
  type!: 'seal';

  @ApiProperty({
    description:
      'What the seal says, as canonical JSON: the chain, its first and last entry, the heads before and after them, when and with which key it was made.',
  })
  text!: string;

  @ApiProperty({ description: 'The Ed25519 signature, in base64.' })
  signature!: string;
}

export class OrgSealsDto {
  @ApiProperty({ description: 'The number of calls and events that are sealed.' })
  entries!: number;

  @ApiProperty({ format: 'date-time', nullable: true, type: String })
  sealed_at!: string | null;

  @ApiProperty({
    type: LastSealDto,
    nullable: true,
    description: 'The last seal. Kept elsewhere, it proves later that nothing up to it was written again.',
  })
  last!: LastSealDto | null;

  static of(seal: LastSeal | undefined): OrgSealsDto {
    if (seal === undefined) return { entries: 0, sealed_at: null, last: null };
    return { entries: seal.entries, sealed_at: seal.sealedAt.toISOString(), last: seal.line };
  }
}
