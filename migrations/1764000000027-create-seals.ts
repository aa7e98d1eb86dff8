import { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables in the order in which they can be dropped. */
const TABLES = ['seals', 'seal_entries', 'seal_queue', 'signing_keys'];

/**
 * Creates the seals of calls and audit events, the keys that sign them, and the digests of what was said in a call. All that is
 * recorded already is put into the queue.
 */
export class CreateSeals1764000000027 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "calls" ADD "request_sha256" bytea, ADD "response_sha256" bytea`);
    await runner.query(`
      CREATE TABLE "signing_keys" (
        "id" uuid NOT NULL DEFAULT gen_random_uuid(),
        "public_key" bytea NOT NULL,
        "created_at" timestamptz NOT NULL DEFAULT now(),
        "ciphertext" bytea NOT NULL,
        "nonce" bytea NOT NULL,
        "master_key_id" text NOT NULL,
        CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("id")
      )`);
    await runner.query(`
      CREATE TABLE "seal_queue" (
        "at" timestamptz NOT NULL,
        "kind" text NOT NULL,
        "subject_id" text NOT NULL,
        CONSTRAINT "seal_queue_pkey" PRIMARY KEY ("at", "kind", "subject_id"),
        CONSTRAINT "seal_queue_kind_check" CHECK ("kind" IN ('call', 'audit_event'))
      )`);
    await runner.query(`
      CREATE TABLE "seal_entries" (
        "chain_id" uuid NOT NULL,
        "seq" bigint NOT NULL,
        "kind" text NOT NULL,
        "subject_id" text NOT NULL,
        "at" timestamptz NOT NULL,
        "record_sha256" bytea NOT NULL,
        CONSTRAINT "seal_entries_pkey" PRIMARY KEY ("chain_id", "seq"),
        CONSTRAINT "seal_entries_kind_check" CHECK ("kind" IN ('call', 'audit_event'))
      )`);
    await runner.query(`CREATE INDEX "seal_entries_subject_id_idx" ON "seal_entries" ("subject_id")`);
    await runner.query(`
      CREATE TABLE "seals" (
        "chain_id" uuid NOT NULL,
        "first_seq" bigint NOT NULL,
        "last_seq" bigint NOT NULL,
        "previous_head" bytea NOT NULL,
        "head" bytea NOT NULL,
        "sealed_at" timestamptz NOT NULL,
        "signing_key_id" uuid NOT NULL,
        "signature" bytea NOT NULL,
        CONSTRAINT "seals_pkey" PRIMARY KEY ("chain_id", "first_seq"),
        CONSTRAINT "seals_signing_key_id_fkey" FOREIGN KEY ("signing_key_id") REFERENCES "signing_keys" ("id")
      )`);
    await runner.query(`
      INSERT INTO "seal_queue" ("at", "kind", "subject_id")
      SELECT "at", 'call', "id" FROM "calls" UNION ALL SELECT "at", 'audit_event', "id"::text FROM "audit_events"`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`DROP TABLE "${table}"`);
    await runner.query(`ALTER TABLE "calls" DROP COLUMN "request_sha256", DROP COLUMN "response_sha256"`);
  }
}
