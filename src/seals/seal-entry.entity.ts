import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const SEALED_KINDS = ['call', 'audit_event'] as const;
/** What is sealed. */
export type SealedKind = (typeof SEALED_KINDS)[number];

/** An entry of a chain: which call or audit event it is, and the hash of what was recorded of it. It outlives their rows. */
@Entity('seal_entries')
@Index('seal_entries_subject_id_idx', ['subjectId'])
@Check('seal_entries_kind_check', `"kind" IN ('call', 'audit_event')`)
export class SealEntryEntity {
  /** The id of the organization, or that of the chain of what belongs to none. */
  @PrimaryColumn('uuid', { name: 'chain_id', primaryKeyConstraintName: 'seal_entries_pkey' })
  chainId!: string;

  /** The number of the entry in its chain, from 1. */
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'seal_entries_pkey' })
  seq!: string;

  @Column('text')
  kind!: SealedKind;

  /** The id of the call or event. One that was changed by the server itself, as repriced calls are, has an entry for each state. */
  @Column('text', { name: 'subject_id' })
  subjectId!: string;

  @Column('timestamptz')
  at!: Date;

  /** The hash of its record. */
  @Column('bytea', { name: 'record_sha256' })
  recordSha256!: Buffer;
}
