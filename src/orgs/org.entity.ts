import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

@Entity('orgs')
@Unique('orgs_name_key', ['name'])
export class OrgEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'orgs_pkey' })
  id!: string;

  /** The organization's name in URLs, a slug; it never changes. */
  @Column('text')
  name!: string;

  /** The name that people see; null when it is the same as `name`. */
  @Column('text', { name: 'display_name', nullable: true })
  displayName!: string | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
