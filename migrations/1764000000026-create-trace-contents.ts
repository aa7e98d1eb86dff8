import { MigrationInterface, QueryRunner } from 'typeorm';

/** The columns that decide whether the content of calls is kept: every process has to hear of a change. */
const WATCHED = [
  ['users', 'keeps_content'],
  ['orgs', 'capture'],
] as const;

/** The tables in the order in which they can be dropped. */
const TABLES = [
  'trace_bodies',
  'trace_pieces',
  'trace_contents',
  'trace_removals',
  'trace_pending_packs',
  'data_keys',
];

/** Creates what is kept of what agents say, the keys that encrypt it, and the choices of users and organizations. */
export class CreateTraceContents1764000000026 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "users" ADD "keeps_content" boolean NOT NULL DEFAULT false`);
    await runner.query(`
      ALTER TABLE "orgs" ADD "capture" text NOT NULL DEFAULT 'members_choose',
        ADD CONSTRAINT "orgs_capture_check" CHECK ("capture" IN ('off', 'members_choose', 'required'))`);
    for (const [table, column] of WATCHED)
      await runner.query(`
        CREATE TRIGGER "${table}_notify_capture" AFTER UPDATE OF "${column}" ON "${table}"
        FOR EACH ROW EXECUTE FUNCTION "notify_access_change"('id')`);
    await runner.query(`
      CREATE TABLE "data_keys" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "user_id" uuid NOT NULL,
        "ciphertext" bytea NOT NULL,
        "nonce" bytea NOT NULL,
        "master_key_id" text NOT NULL,
        CONSTRAINT "data_keys_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "data_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX "data_keys_user_id_idx" ON "data_keys" ("user_id")`);
    await runner.query(`
      CREATE TABLE "trace_contents" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "user_id" uuid NOT NULL,
        "org_id" uuid,
        "client_kind" text NOT NULL,
        "session_id" text NOT NULL,
        "data_key_id" uuid,
        "title" bytea,
        "last_at" timestamptz NOT NULL,
        "deleted_at" timestamptz,
        CONSTRAINT "trace_contents_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "trace_contents_deleted_check" CHECK (("data_key_id" IS NULL) = ("deleted_at" IS NOT NULL) AND ("title" IS NULL OR "deleted_at" IS NULL)),
        CONSTRAINT "trace_contents_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE,
        CONSTRAINT "trace_contents_data_key_id_fkey" FOREIGN KEY ("data_key_id") REFERENCES "data_keys" ("id")
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX "trace_contents_session_idx" ON "trace_contents" ("user_id", "org_id", "client_kind", "session_id")
        NULLS NOT DISTINCT WHERE "deleted_at" IS NULL`);
    await runner.query(
      `CREATE INDEX "trace_contents_last_at_idx" ON "trace_contents" ("last_at") WHERE "deleted_at" IS NULL`,
    );
    await runner.query(`CREATE INDEX "trace_contents_user_id_idx" ON "trace_contents" ("user_id")`);
    await runner.query(`CREATE INDEX "trace_contents_data_key_id_idx" ON "trace_contents" ("data_key_id")`);
    await runner.query(`
      CREATE TABLE "trace_removals" (
        "content_id" uuid NOT NULL,
        CONSTRAINT "trace_removals_pkey" PRIMARY KEY ("content_id")
      )`);
    await runner.query(`
      CREATE TABLE "trace_pending_packs" (
        "content_id" uuid NOT NULL,
        "pack" text NOT NULL,
        "noted_at" timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT "trace_pending_packs_pkey" PRIMARY KEY ("content_id", "pack")
      )`);
    await runner.query(`
      CREATE FUNCTION "remember_trace_removal"() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO "trace_removals" ("content_id") VALUES (OLD."id") ON CONFLICT DO NOTHING;
        RETURN NULL;
      END
      $$`);
    await runner.query(`
      CREATE TRIGGER "trace_contents_remember_removal" AFTER DELETE OR UPDATE OF "deleted_at" ON "trace_contents"
      FOR EACH ROW EXECUTE FUNCTION "remember_trace_removal"()`);
    await runner.query(`
      CREATE TABLE "trace_pieces" (
        "content_id" uuid NOT NULL,
        "piece_id" bytea NOT NULL,
        "pack" text NOT NULL,
        "pack_offset" integer NOT NULL,
        "length" integer NOT NULL,
        CONSTRAINT "trace_pieces_pkey" PRIMARY KEY ("content_id", "piece_id"),
        CONSTRAINT "trace_pieces_content_id_fkey" FOREIGN KEY ("content_id") REFERENCES "trace_contents" ("id") ON DELETE CASCADE
      )`);
    await runner.query(`
      CREATE TABLE "trace_bodies" (
        "call_id" text NOT NULL,
        "part" text NOT NULL,
        "content_id" uuid NOT NULL,
        "state" text NOT NULL,
        "pieces" bytea,
        "sha256" bytea NOT NULL,
        "bytes" bigint NOT NULL,
        "content_type" text,
        "content_encoding" text,
        CONSTRAINT "trace_bodies_pkey" PRIMARY KEY ("call_id", "part"),
        CONSTRAINT "trace_bodies_part_check" CHECK ("part" IN ('request', 'response')),
        CONSTRAINT "trace_bodies_pieces_check" CHECK (("state" = 'kept') = ("pieces" IS NOT NULL)),
        CONSTRAINT "trace_bodies_content_id_fkey" FOREIGN KEY ("content_id") REFERENCES "trace_contents" ("id") ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX "trace_bodies_content_id_idx" ON "trace_bodies" ("content_id")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`DROP TABLE "${table}"`);
    await runner.query(`DROP FUNCTION "remember_trace_removal"`);
    for (const [table, column] of WATCHED) {
      await runner.query(`DROP TRIGGER "${table}_notify_capture" ON "${table}"`);
      await runner.query(`ALTER TABLE "${table}" DROP COLUMN "${column}"`);
    }
  }
}
