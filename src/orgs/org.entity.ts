import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

@Entity('orgs')
@Unique('orgs_name_key', ['name'])
export class OrgEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'orgs_pkey' })
  id!: string;

  /** A slug: it stands in URLs. */
  @Column('text')
  name!: string;

  @Column('text', { name: 'display_name', nullable: true })
  displayName!: string | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
