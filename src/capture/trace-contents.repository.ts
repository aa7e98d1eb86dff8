import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DataKeysService } from '../credentials/data-keys.service';
import { queryPlannedOnce } from '../database/planned-once';
import { clientKindOf } from '../metering/client-kind';
import { SessionOfCall } from './captured-call';
import { PackRange } from './pack-store';
import { PieceCipher } from './piece-cipher';
import { BodyPart, BodyState } from './trace-body.entity';

/** A session's content that can be added to: it has not been deleted. */
export interface OpenContent {
  readonly id: string;
  readonly cipher: PieceCipher;
  hasTitle: boolean;
}

/** The last deletion of a session's content. */
export interface Deletion {
  readonly contentId: string;
  readonly at: Date;
}

/** A piece in its pack, by its hexadecimal id. */
export interface StoredPiece extends PackRange {
  readonly id: string;
  readonly pack: string;
}

/** What a call adds to its session. */
export interface Addition {
  /** The name of the pack with its pieces. */
  readonly pack: string;
  /** The encrypted title that the session gets; undefined if it keeps what it has. */
  readonly title: Buffer | undefined;
  readonly pieces: readonly StoredPiece[];
  readonly bodies: readonly BodyRow[];
}

/** A body as its row holds it. */
export interface BodyRow {
  readonly part: BodyPart;
  readonly state: BodyState;
  readonly pieces: Buffer | null;
  readonly sha256: Buffer;
  readonly keptSha256: Buffer | null;
  readonly bytes: number;
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
}

const OF_SESSION = `"user_id" = $1 AND "org_id" IS NOT DISTINCT FROM $2::uuid
  AND "client_kind" = ${clientKindOf('$3::text')} AND "session_id" = $4`;

const SELECT_OPEN = `SELECT "id", "data_key_id", "title" IS NOT NULL AS "has_title" FROM "trace_contents"
  WHERE ${OF_SESSION} AND "deleted_at" IS NULL`;

interface OpenRow {
  readonly id: string;
  readonly data_key_id: string;
  readonly has_title: boolean;
}

const INSERT_CONTENT = `
  INSERT INTO "trace_contents" ("user_id", "org_id", "client_kind", "session_id", "data_key_id", "last_at")
  VALUES ($1, $2, ${clientKindOf('$3::text')}, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING "id"`;

const PIECES_OF = (content: string, pieces: string) => `
  INSERT INTO "trace_pieces" ("content_id", "piece_id", "pack", "pack_offset", "length")
  SELECT ${content}, decode("piece"."id", 'hex'), "pack", "offset", "length"
    FROM jsonb_to_recordset(${pieces}::jsonb) AS "piece"("id" text, "pack" text, "offset" int, "length" int)`;

const INSERT_PIECES = `${PIECES_OF('$1', '$2')} ON CONFLICT DO NOTHING`;

const DELETE_PENDING = `DELETE FROM "trace_pending_packs" WHERE "content_id" = $1 AND "pack" = $2`;

const BODIES_OF = (content: string, callId: string, bodies: string) => `
  INSERT INTO "trace_bodies" ("call_id", "part", "content_id", "state", "pieces", "sha256", "kept_sha256", "bytes", "content_type", "content_encoding")
  SELECT ${callId}, "part", ${content}, "state", decode("pieces", 'hex'), decode("sha256", 'hex'), decode("kept_sha256", 'hex'),
         "bytes", "content_type", "content_encoding"
    FROM jsonb_to_recordset(${bodies}::jsonb) AS "body"("part" text, "state" text, "pieces" text, "sha256" text, "kept_sha256" text,
         "bytes" bigint, "content_type" text, "content_encoding" text)`;

const INSERT_BODIES = `${BODIES_OF('$1::uuid', '$2::text', '$3')} ON CONFLICT DO NOTHING`;

/** Notes a pack, and tells which of its pieces are stored already. */
const NOTE_PACK = {
  name: 'note_pack',
  text: `
  WITH "noted" AS (INSERT INTO "trace_pending_packs" ("content_id", "pack") VALUES ($1, $2) ON CONFLICT DO NOTHING)
  SELECT encode("piece_id", 'hex') AS "id" FROM "trace_pieces" WHERE "content_id" = $1 AND "piece_id" = ANY($3)`,
};

/** Adds a call to a content that has not been deleted. The update waits for a deletion that is under way, or makes it wait. */
const ADD_CALL = {
  name: 'add_call_to_content',
  text: `
  WITH "touched" AS (
    UPDATE "trace_contents" SET "last_at" = greatest("last_at", $2), "title" = coalesce($3::bytea, "title")
     WHERE "id" = $1 AND "deleted_at" IS NULL RETURNING "id" AS "content"
  ), "placed" AS (
    ${PIECES_OF('"content"', '$4')} CROSS JOIN "touched" ON CONFLICT DO NOTHING
  ), "forgotten" AS (
    DELETE FROM "trace_pending_packs" USING "touched" WHERE "content_id" = "content" AND "pack" = $5
  ), "said" AS (
    ${BODIES_OF('"content"', '$6::text', '$7')} CROSS JOIN "touched" ON CONFLICT DO NOTHING
  )
  SELECT "content" FROM "touched"`,
};

/** The number of pieces that one statement inserts. */
const SLICE = 1_000;

/** What is kept of agents' sessions: where their pieces are, and of which pieces their bodies are made. */
@Injectable()
export class TraceContentsRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly dataKeys: DataKeysService,
  ) {}

  /** Returns the last deletion of a session's content; undefined if there was none. */
  async lastDeletion(session: SessionOfCall): Promise<Deletion | undefined> {
    const [row] = await this.dataSource.query<{ id: string; deleted_at: Date }[]>(
      `SELECT "id", "deleted_at" FROM "trace_contents"
        WHERE ${OF_SESSION} AND "deleted_at" IS NOT NULL ORDER BY "deleted_at" DESC LIMIT 1`,
      keyOf(session),
    );
    return row === undefined ? undefined : { contentId: row.id, at: new Date(row.deleted_at) };
  }

  /** Returns whether the database answers. */
  async isReachable(): Promise<boolean> {
    return this.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  /**
   * Returns the content of a session, which is created if there is none.
   * @param at when the call came in that it is for.
   * @throws DecryptionError
   */
  async open(session: SessionOfCall, at: Date): Promise<OpenContent> {
    const key = keyOf(session);
    for (;;) {
      const { manager } = this.dataSource;
      const [row] = await manager.query<OpenRow[]>(SELECT_OPEN, key);
      const dataKey = row === undefined ? undefined : await this.dataKeys.find(manager, row.data_key_id);
      if (row !== undefined && dataKey !== undefined)
        return { id: row.id, cipher: new PieceCipher(dataKey, row.id), hasTitle: row.has_title };
      const created = row === undefined ? await this.create(session.userId, key, at) : undefined;
      if (created !== undefined) return created;
    }
  }

  /**
   * Adds a call to a session's content.
   * @returns false, and adds nothing, if the content has been deleted.
   */
  async add(
    contentId: string,
    call: { readonly id: string; readonly at: Date },
    { pack, title, pieces, bodies }: Addition,
  ): Promise<boolean> {
    const [first, ...others] = slices(pieces);
    const values = [
      contentId,
      call.at,
      title ?? null,
      JSON.stringify(first),
      pack,
      call.id,
      bodiesAsJson(bodies),
    ];
    if (others.length === 0) {
      const touched = await queryPlannedOnce(this.dataSource, ADD_CALL, values);
      return touched.length > 0;
    }
    return this.dataSource.transaction(async (transaction) => {
      const touched = await transaction.query<object[]>(ADD_CALL.text, values);
      if (touched.length === 0) return false;
      for (const slice of others) await transaction.query(INSERT_PIECES, [contentId, JSON.stringify(slice)]);
      return true;
    });
  }

  /**
   * Notes a pack before it is written, so that it is found if its rows never come.
   * @param ids the hexadecimal ids of the pieces that may be in it.
   * @returns those that are stored of the session already.
   */
  async notePack(contentId: string, pack: string, ids: readonly string[]): Promise<string[]> {
    const pieceIds = ids.map((id) => Buffer.from(id, 'hex'));
    const rows = await queryPlannedOnce<{ id: string }>(this.dataSource, NOTE_PACK, [
      contentId,
      pack,
      pieceIds,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Forgets a pack that is not there any more. */
  async forgetPack(contentId: string, pack: string): Promise<void> {
    await this.dataSource.query(DELETE_PENDING, [contentId, pack]);
  }

  /** Returns the packs that never got their rows: those that were noted more than an hour ago. */
  async packsLeftBehind(): Promise<{ readonly contentId: string; readonly pack: string }[]> {
    return this.dataSource.query(
      `SELECT "content_id" AS "contentId", "pack" FROM "trace_pending_packs" WHERE "noted_at" < now() - interval '1 hour'`,
    );
  }

  /** Adds the bodies of a call of which nothing is kept to the content that they were of. */
  async addBodies(contentId: string, callId: string, bodies: readonly BodyRow[]): Promise<void> {
    await this.dataSource.query(INSERT_BODIES, [contentId, callId, bodiesAsJson(bodies)]);
  }

  private async create(userId: string, key: readonly unknown[], at: Date): Promise<OpenContent | undefined> {
    return this.dataSource.transaction(async (transaction) => {
      const dataKey = await this.dataKeys.create(transaction, userId);
      const [row] = await transaction.query<{ id: string }[]>(INSERT_CONTENT, [...key, dataKey.id, at]);
      if (row !== undefined)
        return { id: row.id, cipher: new PieceCipher(dataKey.key, row.id), hasTitle: false };
      await this.dataKeys.delete(transaction, [dataKey.id]); // another process was first
      return undefined;
    });
  }
}

function keyOf({ userId, orgId, client, sessionId }: SessionOfCall): unknown[] {
  return [userId, orgId, client, sessionId];
}

/** Cuts pieces into what one statement inserts each, at least one of them. */
function slices(pieces: readonly StoredPiece[]): [readonly StoredPiece[], ...(readonly StoredPiece[])[]] {
  const others: (readonly StoredPiece[])[] = [];
  for (let at = SLICE; at < pieces.length; at += SLICE) others.push(pieces.slice(at, at + SLICE));
  return [pieces.slice(0, SLICE), ...others];
}

function bodiesAsJson(bodies: readonly BodyRow[]): string {
  return JSON.stringify(
    bodies.map(({ part, state, pieces, sha256, keptSha256, bytes, contentType, contentEncoding }) => ({
      ...{ part, state, bytes, content_type: contentType, content_encoding: contentEncoding },
      ...{ pieces: hex(pieces), sha256: hex(sha256), kept_sha256: hex(keptSha256) },
    })),
  );
}

function hex(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('hex');
}
