import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { TraceContentEntity } from './trace-content.entity';

/** Where a piece of a session's content is stored. */
@Entity('trace_pieces')
export class TracePieceEntity {
  @PrimaryColumn('uuid', { name: 'content_id', primaryKeyConstraintName: 'trace_pieces_pkey' })
  contentId!: string;

  @ManyToOne(() => TraceContentEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'content_id', foreignKeyConstraintName: 'trace_pieces_content_id_fkey' })
  content?: TraceContentEntity;

  /** The keyed hash of its bytes. */
  @PrimaryColumn('bytea', { name: 'piece_id', primaryKeyConstraintName: 'trace_pieces_pkey' })
  pieceId!: Buffer;

  /** The name of the pack, among those of the session, that it is in. */
  @Column('text')
  pack!: string;

  /** Where it begins in the pack. */
  @Column('integer', { name: 'pack_offset' })
  packOffset!: number;

  @Column('integer')
  length!: number;
}
