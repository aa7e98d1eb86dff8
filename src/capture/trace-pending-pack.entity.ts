import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A pack that is about to be written, or was written and has no rows yet. An old one was left behind by a crash. */
@Entity('trace_pending_packs')
export class TracePendingPackEntity {
  @PrimaryColumn('uuid', { name: 'content_id', primaryKeyConstraintName: 'trace_pending_packs_pkey' })
  contentId!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'trace_pending_packs_pkey' })
  pack!: string;

  @Column('timestamptz', { name: 'noted_at', default: () => 'now()' })
  notedAt!: Date;
}
