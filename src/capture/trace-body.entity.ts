import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { TraceContentEntity } from './trace-content.entity';

/** The bodies of a call. */
export const BODY_PARTS = ['request', 'response'] as const;
export type BodyPart = (typeof BODY_PARTS)[number];

/** Whether a body is kept: it is, it was too large, there was no room for it in time, or it has been deleted. */
export const BODY_STATES = ['kept', 'too_large', 'dropped', 'deleted'] as const;
export type BodyState = (typeof BODY_STATES)[number];

/** A body of a call, as a list of pieces. Its digest stays when the content goes. */
@Entity('trace_bodies')
@Index('trace_bodies_content_id_idx', ['contentId'])
@Check('trace_bodies_part_check', `"part" IN ('request', 'response')`)
@Check('trace_bodies_pieces_check', `("state" = 'kept') = ("pieces" IS NOT NULL)`)
export class TraceBodyEntity {
  /** The id of the exchange, as in the ledger. */
  @PrimaryColumn('text', { name: 'call_id', primaryKeyConstraintName: 'trace_bodies_pkey' })
  callId!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'trace_bodies_pkey' })
  part!: BodyPart;

  @Column('uuid', { name: 'content_id' })
  contentId!: string;

  @ManyToOne(() => TraceContentEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'content_id', foreignKeyConstraintName: 'trace_bodies_content_id_fkey' })
  content?: TraceContentEntity;

  @Column('text')
  state!: BodyState;

  /** The list of pieces, encrypted like them; null if the body is not kept. */
  @Column('bytea', { nullable: true })
  pieces!: Buffer | null;

  /** The SHA-256 of the bytes that have passed. */
  @Column('bytea')
  sha256!: Buffer;

  /** The SHA-256 of what is kept, where secrets were taken out of it; null where that is what has passed. */
  @Column('bytea', { name: 'kept_sha256', nullable: true })
  keptSha256!: Buffer | null;

  /** The number of bytes that have passed. */
  @Column('bigint')
  bytes!: string;

  @Column('text', { name: 'content_type', nullable: true })
  contentType!: string | null;

  /** Null as well where what is kept was decoded to take secrets out of it. */
  @Column('text', { name: 'content_encoding', nullable: true })
  contentEncoding!: string | null;
}
