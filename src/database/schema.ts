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
import { CreateProviderKeys1764000000016 } from '../../migrations/1764000000016-create-provider-keys';
import { OrganizationOfCalls1764000000017 } from '../../migrations/1764000000017-organization-of-calls';
import { CreateCalls1764000000018 } from '../../migrations/1764000000018-create-calls';
import { AddPriceFacts1764000000020 } from '../../migrations/1764000000020-add-price-facts';
import { CreateLimits1764000000021 } from '../../migrations/1764000000021-create-limits';
import { CreateOrgUsageHourly1764000000022 } from '../../migrations/1764000000022-create-org-usage-hourly';
import { CreateLimitAlerts1764000000023 } from '../../migrations/1764000000023-create-limit-alerts';
import { IndexAuditEventsByOrg1764000000024 } from '../../migrations/1764000000024-index-audit-events-by-org';
import { CreateAgentSessions1764000000025 } from '../../migrations/1764000000025-create-agent-sessions';
import { CreateTraceContents1764000000026 } from '../../migrations/1764000000026-create-trace-contents';
import { CreateSeals1764000000027 } from '../../migrations/1764000000027-create-seals';
import { AddAuditors1764000000028 } from '../../migrations/1764000000028-add-auditors';
import { AddRedaction1764000000029 } from '../../migrations/1764000000029-add-redaction';
import { IndexResponses1764000000031 } from '../../migrations/1764000000031-index-responses';
import { AuditEventEntity } from '../audit/audit-event.entity';
import { ProxyTokenEntity } from '../auth/proxy-token.entity';
import { SessionEntity } from '../auth/session.entity';
import { UserEntity } from '../auth/user.entity';
import { TraceBodyEntity } from '../capture/trace-body.entity';
import { TraceContentEntity } from '../capture/trace-content.entity';
import { TracePieceEntity } from '../capture/trace-piece.entity';
import { TracePendingPackEntity } from '../capture/trace-pending-pack.entity';
import { TraceRemovalEntity } from '../capture/trace-removal.entity';
import { DataKeyEntity } from '../credentials/data-key.entity';
import { ProviderKeyEntity } from '../credentials/provider-key.entity';
import { SigningKeyEntity } from '../credentials/signing-key.entity';
import { LimitEntity } from '../limits/limit.entity';
import { LimitAlertEntity } from '../limits/limit-alert.entity';
import { LimitGrantEntity } from '../limits/limit-grant.entity';
import { BilledOnceEntity } from '../metering/billed-once.entity';
import { CallEntity } from '../metering/call.entity';
import { AgentSessionEntity } from '../metering/agent-session.entity';
import { OrgUsageHourEntity } from '../metering/org-usage-hour.entity';
import { SpendDayEntity } from '../metering/spend-day.entity';
import { UsageHourEntity } from '../metering/usage-hour.entity';
import { ApiKeyEntity } from '../orgs/api-key.entity';
import { InviteEntity } from '../orgs/invite.entity';
import { MembershipEntity } from '../orgs/membership.entity';
import { OrgEntity } from '../orgs/org.entity';
import { SealEntity } from '../seals/seal.entity';
import { SealEntryEntity } from '../seals/seal-entry.entity';
import { SealQueueItemEntity } from '../seals/seal-queue-item.entity';

/** The list of all entities and migrations. A spec verifies that the migrations create exactly the entities' tables. */
export const schema = {
  entities: [
    UserEntity,
    OrgEntity,
    MembershipEntity,
    SessionEntity,
    ProxyTokenEntity,
    ApiKeyEntity,
    ProviderKeyEntity,
    DataKeyEntity,
    DeviceAuthorizationEntity,
    InviteEntity,
    AuditEventEntity,
    CallEntity,
    UsageHourEntity,
    OrgUsageHourEntity,
    AgentSessionEntity,
    BilledOnceEntity,
    SpendDayEntity,
    LimitEntity,
    LimitGrantEntity,
    LimitAlertEntity,
    TraceContentEntity,
    TracePieceEntity,
    TraceRemovalEntity,
    TracePendingPackEntity,
    TraceBodyEntity,
    SigningKeyEntity,
    SealQueueItemEntity,
    SealEntryEntity,
    SealEntity,
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
    CreateProviderKeys1764000000016,
    OrganizationOfCalls1764000000017,
    CreateCalls1764000000018,
    AddPriceFacts1764000000020,
    CreateLimits1764000000021,
    CreateOrgUsageHourly1764000000022,
    CreateLimitAlerts1764000000023,
    IndexAuditEventsByOrg1764000000024,
    CreateAgentSessions1764000000025,
    CreateTraceContents1764000000026,
    CreateSeals1764000000027,
    AddAuditors1764000000028,
    AddRedaction1764000000029,
    IndexResponses1764000000031,
  ],
};
