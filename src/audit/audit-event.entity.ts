import { Check, Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

export const AUDIT_ACTIONS = [
  'registered',
  'signed_in',
  'sign_in_failed',
  'session_revoked',
  'device_login_approved',
  'device_login_denied',
  'password_changed',
  'password_change_refused',
  'name_changed',
  'account_deleted',
  'account_deletion_refused',
  'provider_key_stored',
  'provider_key_replaced',
  'provider_key_removed',
  'proxy_token_created',
  'proxy_token_renamed',
  'proxy_token_revoked',
  'current_org_changed',
  'org_renamed',
  'org_provider_key_stored',
  'org_provider_key_replaced',
  'org_provider_key_removed',
  'org_personal_keys_changed',
  'org_capture_changed',
  'org_limit_created',
  'org_limit_changed',
  'org_limit_deleted',
  'org_deleted',
  'org_api_key_created',
  'org_api_key_revoked',
  'invite_created',
  'invite_withdrawn',
  'invite_accepted',
  'member_deactivated',
  'member_reactivated',
  'member_removed',
  'member_left',
  'role_changed',
  'role_granted',
  'master_key_rotated',
  'calls_repriced',
  'capture_enabled',
  'capture_disabled',
  'redaction_enabled',
  'redaction_disabled',
  'secret_sent',
  'trace_content_deleted',
  'trace_content_read',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** The kind of actor: a signed-in user, the operator by a command, or somebody unauthenticated. */
export type ActorKind = 'person' | 'operator' | 'anonymous';

/** Details of an event: ids, counts and names, never a secret. */
export type AuditDetails = Readonly<Record<string, string | number>>;

/** An event of the audit trail: who did what, when and from where. Rows are immutable, which the database enforces. */
@Entity('audit_events')
@Check('audit_events_actor_check', `("actor_kind" = 'person') = ("actor_id" IS NOT NULL)`)
@Index('audit_events_actor_id_at_idx', ['actorId', 'at'])
@Index('audit_events_subject_id_at_idx', ['subjectId', 'at'])
@Index('audit_events_org_id_at_idx', ['orgId', 'at'])
export class AuditEventEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'audit_events_pkey' })
  id!: string;

  @Column('timestamptz', { default: () => 'now()' })
  @Index('audit_events_at_idx')
  at!: Date;

  @Column('text')
  action!: AuditAction;

  @Column('text', { name: 'actor_kind' })
  actorKind!: ActorKind;

  /** The id of the acting user. This and the ids below have no foreign key, because the trail outlives the rows they refer to. */
  @Column('uuid', { name: 'actor_id', nullable: true })
  actorId!: string | null;

  /** The id of the user whose account was affected, which may be the actor. */
  @Column('uuid', { name: 'subject_id', nullable: true })
  subjectId!: string | null;

  @Column('uuid', { name: 'org_id', nullable: true })
  orgId!: string | null;

  /** The client's address, as determined by TRUST_PROXY. */
  @Column('text', { nullable: true })
  address!: string | null;

  /** The client's `user-agent`. */
  @Column('text', { nullable: true })
  client!: string | null;

  @Column('jsonb', { default: {} })
  details!: AuditDetails;
}
