import { CreateUsers1764000000001 } from '../../migrations/1764000000001-create-users';
import { CreateOrgs1764000000002 } from '../../migrations/1764000000002-create-orgs';
import { CreateAuthSessions1764000000003 } from '../../migrations/1764000000003-create-auth-sessions';
import { CreateApiKeys1764000000004 } from '../../migrations/1764000000004-create-api-keys';
import { CreateUserAnthropicKeys1764000000005 } from '../../migrations/1764000000005-create-user-anthropic-keys';
import { CreateDeviceAuthorizations1764000000006 } from '../../migrations/1764000000006-create-device-authorizations';
import { AddLastUse1764000000007 } from '../../migrations/1764000000007-add-last-use';
import { CreateAuditEvents1764000000008 } from '../../migrations/1764000000008-create-audit-events';
import { CreateInvites1764000000009 } from '../../migrations/1764000000009-create-invites';
import { TellOfAccessChanges1764000000010 } from '../../migrations/1764000000010-tell-of-access-changes';
import { CreateProxyTokens1764000000011 } from '../../migrations/1764000000011-create-proxy-tokens';
import { CanonicalEmails1764000000012 } from '../../migrations/1764000000012-canonical-emails';
import { AddKeyFingerprint1764000000013 } from '../../migrations/1764000000013-add-key-fingerprint';
import { MaskedProxyTokens1764000000014 } from '../../migrations/1764000000014-masked-proxy-tokens';
import { DeviceAuthorizationEntity } from '../accounts/device-authorization.entity';
import { StandardNames1764000000015 } from '../../migrations/1764000000015-standard-names';
import { AuditEventEntity } from '../audit/audit-event.entity';
import { ProxyTokenEntity } from '../auth/proxy-token.entity';
import { SessionEntity } from '../auth/session.entity';
import { UserEntity } from '../auth/user.entity';
import { AnthropicKeyEntity } from '../credentials/anthropic-key.entity';
import { ApiKeyEntity } from '../orgs/api-key.entity';
import { InviteEntity } from '../orgs/invite.entity';
import { MembershipEntity } from '../orgs/membership.entity';
import { OrgEntity } from '../orgs/org.entity';

/** The list of all entities and migrations. A spec verifies that the migrations create exactly the entities' tables. */
export const schema = {
  entities: [
    UserEntity,
    OrgEntity,
    MembershipEntity,
    SessionEntity,
    ProxyTokenEntity,
    ApiKeyEntity,
    AnthropicKeyEntity,
    DeviceAuthorizationEntity,
    InviteEntity,
    AuditEventEntity,
  ],
  migrations: [
    CreateUsers1764000000001,
    CreateOrgs1764000000002,
    CreateAuthSessions1764000000003,
    CreateApiKeys1764000000004,
    CreateUserAnthropicKeys1764000000005,
    CreateDeviceAuthorizations1764000000006,
    AddLastUse1764000000007,
    CreateAuditEvents1764000000008,
    CreateInvites1764000000009,
    TellOfAccessChanges1764000000010,
    CreateProxyTokens1764000000011,
    CanonicalEmails1764000000012,
    AddKeyFingerprint1764000000013,
    MaskedProxyTokens1764000000014,
    StandardNames1764000000015,
  ],
};
