import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AuthCache } from '../cache/auth-cache';
import { AuthCaches } from '../cache/auth-caches';
import { UserEntity } from '../auth/user.entity';
import { KeySource } from '../exchange/facts';
import { callOrg } from '../orgs/call-org';
import { keepsContent } from '../orgs/keeps-content';
import { MembershipEntity } from '../orgs/membership.entity';
import { OrgEntity } from '../orgs/org.entity';
import { EncryptionService } from './encryption.service';
import { bindingOf } from './key-binding';
import { chooseKey, NoKeyReason } from './key-choice';
import { KeyOwner } from './provider-key.entity';
import { EncryptedKey, ProviderKeyRepository } from './provider-key.repository';

/** A call through the proxy, as far as it decides whose key is taken. */
export interface Call {
  readonly userId: string;
  /** The organization of the call's proxy token; undefined for the one that the user works in at present. */
  readonly orgId: string | undefined;
  readonly providerId: string;
}

/** The organization that a call belongs to. */
type CallOrg = Pick<OrgEntity, 'id' | 'name' | 'displayName' | 'personalKeys' | 'capture'>;

/** Which key a call takes, as ciphertext, or why there is none. It is invalidated with its user and its organization. */
interface ChosenKey {
  readonly userId: string;
  readonly orgId: string | undefined;
  readonly org: CallOrg | undefined;
  /** Whether the content of the call is kept. */
  readonly keepsContent: boolean;
  /** Whether secrets are taken out of it. */
  readonly redactsContent: boolean;
  readonly choice: Choice | { readonly reason: NoKeyReason };
}

interface Choice {
  readonly key: EncryptedKey;
  readonly source: KeySource;
}

/** Which key a call takes. */
export interface FoundKey {
  readonly source: KeySource;
  /** The id of the key's row, in which another key may replace it. */
  readonly keyId: string;
  readonly storedAt: Date;
  readonly orgId: string | undefined;
  /** Whether the content of the call is kept. */
  readonly keepsContent: boolean;
  /** Whether secrets are taken out of it. */
  readonly redactsContent: boolean;
}

/** The key of a call in plaintext, which must not be retained, and where it comes from. */
export interface RevealedKey extends FoundKey {
  readonly key: string;
}

/** The reason why a call has no key, with the organization that it belongs to, if any. */
export interface MissingKey {
  readonly reason: NoKeyReason;
  readonly org: CallOrg | undefined;
}

/** Chooses and decrypts the key of each call through the proxy. */
@Injectable()
export class CallKeysService {
  /** A cache of choices by user, organization and provider. It holds only ciphertext, which is decrypted again for each call. */
  private readonly cache: AuthCache<ChosenKey>;

  constructor(
    @InjectRepository(MembershipEntity) private readonly memberships: Repository<MembershipEntity>,
    private readonly rows: ProviderKeyRepository,
    private readonly encryption: EncryptionService,
    caches: AuthCaches,
  ) {
    this.cache = caches.create('keys');
  }

  /**
   * Returns the plaintext of a call's key. The choice may come from the cache, but a change of a key, a membership or the
   * organization's policy still takes effect from the next call on, and on another replica within a second.
   * @throws DecryptionError when the row can't be decrypted.
   */
  async reveal(call: Call): Promise<RevealedKey | MissingKey> {
    const chosen = await this.chosen(call);
    if ('reason' in chosen.choice) return { reason: chosen.choice.reason, org: chosen.org };
    const { key: row } = chosen.choice;
    const { purpose, owner } = bindingOf(row);
    const plaintext = this.encryption.decrypt(row, purpose, owner);
    const key = plaintext.toString();
    plaintext.fill(0);
    // A string can't be overwritten, but the value of a header has to be one.
    return { key, ...foundKey(chosen, chosen.choice) };
  }

  /** Returns which key a call takes, as reveal() does, and does not decrypt it. */
  async find(call: Call): Promise<FoundKey | MissingKey> {
    const chosen = await this.chosen(call);
    const { choice, org } = chosen;
    return 'reason' in choice ? { reason: choice.reason, org } : foundKey(chosen, choice);
  }

  private async chosen(call: Call): Promise<ChosenKey> {
    const { userId, orgId, providerId } = call;
    const entry = `${userId} ${orgId ?? ''} ${providerId}`;
    return (await this.cache.get(entry, () => this.choose(call))) as ChosenKey;
  }

  private async choose({ userId, orgId, providerId }: Call): Promise<ChosenKey> {
    const { org, user } = await this.placeOf(userId, orgId);
    const owners: KeyOwner[] = [{ kind: 'user', id: userId }];
    if (org !== undefined) owners.push({ kind: 'organization', id: org.id });
    const keys = await this.rows.findEncrypted(owners, providerId);
    const [own, shared] = [keys.find((key) => key.userId !== null), keys.find((key) => key.orgId !== null)];
    return {
      userId,
      orgId: org?.id,
      org,
      keepsContent: keepsContent(org?.capture, user?.keepsContent ?? false),
      redactsContent: user?.redactsContent ?? true,
      choice: chooseKey(own, shared, org?.personalKeys),
    };
  }

  /** Returns the user, and the organization that their call belongs to; undefined for a user without one. */
  private async placeOf(
    userId: string,
    orgId: string | undefined,
  ): Promise<{ readonly org: CallOrg | undefined; readonly user: UserEntity | undefined }> {
    const found = await this.memberships.find({
      where: { userId },
      relations: { org: true, user: true },
      order: { org: { name: 'ASC' } },
    });
    const orgs = found.map(({ org }) => org as OrgEntity);
    const user = found[0]?.user ?? (await this.memberships.manager.findOneBy(UserEntity, { id: userId }));
    const org =
      orgId === undefined ? callOrg(orgs, user?.currentOrgId ?? null) : orgs.find(({ id }) => id === orgId);
    return { org, user: user ?? undefined };
  }
}

function foundKey(chosen: ChosenKey, { key, source }: Choice): FoundKey {
  const { orgId, keepsContent, redactsContent } = chosen;
  return { source, keyId: key.id, storedAt: key.updatedAt, orgId, keepsContent, redactsContent };
}
