import { Check, Entity, PrimaryColumn } from 'typeorm';
import { SealedKind } from './seal-entry.entity';

/** A call or an event that is not sealed yet, written in the statement that records it. */
@Entity('seal_queue')
@Check('seal_queue_kind_check', `"kind" IN ('call', 'audit_event')`)
export class SealQueueItemEntity {
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'seal_queue_pkey' })
  at!: Date;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'seal_queue_pkey' })
  kind!: SealedKind;

  @PrimaryColumn('text', { name: 'subject_id', primaryKeyConstraintName: 'seal_queue_pkey' })
  subjectId!: string;
}
