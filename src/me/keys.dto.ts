import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { trimmed } from '../api/trimmed';
import { KeyStatus } from '../credentials/credentials.service';
import { NoKeyReason } from '../credentials/key-choice';
import { KeySource } from '../exchange/facts';
import { OrgEntity, PERSONAL_KEYS, PersonalKeys } from '../orgs/org.entity';
import { Provider } from '../providers/provider';
import { AnthropicKeyStatusDto } from './me.dto';
import { IsProviderKey } from './provider-key';

/** The example in the API's document: the shape of one provider's keys. */
const EXAMPLE = 'sk-proj-...';

export class ProviderKeyDto {
  @ApiProperty({
    example: EXAMPLE,
    format: 'password',
    description:
      'Whitespace around it is cut. It must be printable ASCII without spaces and have the shape of the provider’s keys; one that looks like another provider’s is refused.',
  })
  @trimmed
  @IsProviderKey()
  key!: string;
}

/** The status of a key for one provider. */
export class ProviderKeyStatusDto extends AnthropicKeyStatusDto {
  @ApiProperty({ example: 'openai', description: 'The id of the provider.' })
  provider!: string;

  @ApiProperty({ example: 'OpenAI' })
  label!: string;

  static ofProvider({ id, name }: Provider, status: KeyStatus | undefined): ProviderKeyStatusDto {
    return { provider: id, label: name, ...AnthropicKeyStatusDto.of(status) };
  }
}

class KeyOrganizationDto {
  @ApiProperty({ example: 'acme' })
  name!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Acme Inc.' })
  display_name!: string | null;

  @ApiProperty({ enum: PERSONAL_KEYS })
  personal_keys!: PersonalKeys;

  static of({ name, displayName, personalKeys }: OrgEntity): KeyOrganizationDto {
    return { name, display_name: displayName, personal_keys: personalKeys };
  }
}

/** Why calls take no key. */
type Reason = NoKeyReason | 'provider_disabled';

/** The status of a user's own key for one provider, and which key the user's calls take. */
export class MyKeyDto extends ProviderKeyStatusDto {
  @ApiProperty({
    enum: ['own', 'organization'] satisfies KeySource[],
    nullable: true,
    description: 'Whose key my calls take, in my current organization; null: there is none to take.',
  })
  in_use!: KeySource | null;

  @ApiProperty({
    enum: ['no_key', 'own_key_required', 'no_organization_key', 'provider_disabled'] satisfies Reason[],
    nullable: true,
    description: 'Why there is none to take, with the code of the proxy’s error.',
  })
  reason!: Reason | null;

  @ApiPropertyOptional({
    type: KeyOrganizationDto,
    description: 'The organization that my calls belong to; not given when I am in none.',
  })
  organization?: KeyOrganizationDto;

  static ofChoice(
    provider: Provider,
    status: KeyStatus | undefined,
    choice: { readonly source: KeySource } | { readonly reason: Reason },
    org: OrgEntity | undefined,
  ): MyKeyDto {
    const taken = provider.enabled ? choice : { reason: 'provider_disabled' as const };
    return {
      ...ProviderKeyStatusDto.ofProvider(provider, status),
      in_use: 'source' in taken ? taken.source : null,
      reason: 'reason' in taken ? taken.reason : null,
      ...(org !== undefined && { organization: KeyOrganizationDto.of(org) }),
    };
  }
}
