import { Entity, PrimaryColumn } from 'typeorm';

/**
 * A session's content whose key is gone and whose packs and rows are still to be removed. A trigger adds it when the content is
 * deleted, with its user as well: packs of sessions that the database knows nothing of are nobody's to remove.
 */
@Entity('trace_removals')
export class TraceRemovalEntity {
  @PrimaryColumn('uuid', { name: 'content_id', primaryKeyConstraintName: 'trace_removals_pkey' })
  contentId!: string;
}
