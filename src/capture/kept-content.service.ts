import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Logger } from 'pino';
import { In, Repository } from 'typeorm';
import { DataKeysService } from '../credentials/data-keys.service';
import { LOGGER } from '../logging/logging.module';
import { DecryptionError } from '../credentials/encryption.service';
import { PieceSource, unfold } from './folded-body';
import { MissingPackError, PACK_STORE, PackStore, PackStoreError } from './pack-store';
import { DamagedPieceError, PieceCipher } from './piece-cipher';
import { Turnstile } from './turnstile';
import { BodyPart, TraceBodyEntity } from './trace-body.entity';
import { TraceContentEntity } from './trace-content.entity';

/** The session of an agent, as in the ledger. */
export type SessionKey = Pick<TraceContentEntity, 'userId' | 'orgId' | 'clientKind' | 'sessionId'>;

/** The bodies of a call, as far as there is anything to say about them. */
export type BodiesOfCall = Partial<Readonly<Record<BodyPart, TraceBodyEntity>>>;

/** A body is kept and can't be put together, or is not the one that was kept. */
export class DamagedContentError extends Error {
  override readonly name = 'DamagedContentError';
}

/** The maximum number of bodies that are put together at once. */
const MAX_READS = 3;

/** The number of calls whose bodies are looked up at once. */
const PAGE = 100;

/** Matches the content of a SessionKey, whose fields are the parameters. */
const OF_SESSION = `content.user_id = :userId AND content.org_id IS NOT DISTINCT FROM :orgId::uuid
  AND content.client_kind = :clientKind AND content.session_id = :sessionId`;

interface Place {
  readonly pack: string;
  readonly offset: number;
  readonly length: number;
}

interface TitleRow {
  readonly id: string;
  readonly content_id: string;
  readonly data_key_id: string;
  readonly title: Buffer;
}

const SELECT_TITLES = `
  SELECT "session"."id", "content"."id" AS "content_id", "data_key_id", "title"
    FROM "agent_sessions" AS "session" JOIN "trace_contents" AS "content"
      ON "content"."user_id" = "session"."user_id" AND "content"."org_id" IS NOT DISTINCT FROM "session"."org_id"
     AND "content"."client_kind" = "session"."client_kind" AND "content"."session_id" = "session"."session_id"
   WHERE "session"."id" = ANY($1) AND "deleted_at" IS NULL AND "title" IS NOT NULL`;

/** Reads what is kept of agents' sessions. */
@Injectable()
export class KeptContentService {
  /** Bodies are put together in memory: not many at once. */
  private readonly reads = new Turnstile(MAX_READS);

  constructor(
    @InjectRepository(TraceContentEntity) private readonly contents: Repository<TraceContentEntity>,
    @InjectRepository(TraceBodyEntity) private readonly bodies: Repository<TraceBodyEntity>,
    private readonly dataKeys: DataKeysService,
    @Inject(PACK_STORE) private readonly packs: PackStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Returns what is known of the bodies of some calls of a session, by the calls' ids. Calls of other sessions are left out. */
  async bodiesOf(session: SessionKey, callIds: readonly string[]): Promise<Map<string, BodiesOfCall>> {
    const found = new Map<string, BodiesOfCall>();
    if (callIds.length === 0) return found;
    const rows = await this.bodies
      .createQueryBuilder('body')
      .innerJoinAndSelect('body.content', 'content')
      .where({ callId: In([...callIds]) })
      .andWhere(OF_SESSION, session)
      .getMany();
    for (const row of rows) {
      // The rows of deleted content are corrected a while later than its key goes.
      if (row.content?.deletedAt !== null && row.state === 'kept')
        Object.assign(row, { state: 'deleted', pieces: null });
      found.set(row.callId, { ...found.get(row.callId), [row.part]: row });
    }
    return found;
  }

  /** Yields calls of a session with what is known of their bodies, in the order that is given. */
  async *withBodies<Call extends { readonly id: string }>(
    session: SessionKey,
    calls: readonly Call[],
  ): AsyncGenerator<{ readonly call: Call; readonly bodies: BodiesOfCall }> {
    for (let at = 0; at < calls.length; at += PAGE) {
      const page = calls.slice(at, at + PAGE);
      const ids = page.map(({ id }) => id);
      const bodies = await this.bodiesOf(session, ids);
      for (const call of page) yield { call, bodies: bodies.get(call.id) ?? {} };
    }
  }

  /** Returns whether content of a session is kept. */
  async has({ userId, orgId, clientKind, sessionId }: SessionKey): Promise<boolean> {
    return this.contents
      .createQueryBuilder('content')
      .where(OF_SESSION, { userId, orgId, clientKind, sessionId })
      .andWhere('content.deleted_at IS NULL')
      .getExists();
  }

  /**
   * Returns the titles of some agents' sessions: what their users said first.
   * @param ids the ids of the rows in agent_sessions. One without a title, or whose title does not open, is left out.
   */
  async titles(ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.contents.query<TitleRow[]>(SELECT_TITLES, [ids]);
    const keys = await this.dataKeys.findAll(
      this.contents.manager,
      rows.map(({ data_key_id }) => data_key_id),
    );
    const titles = new Map<string, string>();
    for (const { id, content_id, data_key_id, title } of rows) {
      const key = keys.get(data_key_id);
      if (key === undefined) continue;
      const text = await new PieceCipher(key, content_id).openRoot('title', title).catch(() => undefined);
      if (text !== undefined) titles.set(id, text.toString());
    }
    return titles;
  }

  /**
   * Returns the bytes of a body as they are kept: as they have passed, or with marks in the place of secrets.
   * @returns undefined if it is not kept, or has been deleted meanwhile.
   * @throws DamagedContentError, PackStoreError
   */
  async read(body: TraceBodyEntity): Promise<Buffer | undefined> {
    const { pieces } = body;
    return pieces === null ? undefined : this.reads.run(() => this.readPieces(body, pieces));
  }

  private async readPieces(body: TraceBodyEntity, pieces: Buffer): Promise<Buffer | undefined> {
    const { callId, part } = body;
    try {
      return await this.putTogether(body, pieces);
    } catch (cause) {
      if (await this.isDeleted(body.contentId)) return undefined; // while it was read
      if (cause instanceof PackStoreError)
        this.logger.warn({ err: cause, request_id: callId, part }, 'Kept content can’t be read at present');
      if (!isDamage(cause)) throw cause;
      this.logger.error({ err: cause, request_id: callId, part }, 'The kept content of a call is damaged');
      throw new DamagedContentError(`The ${part} of ${callId} is damaged`, { cause });
    }
  }

  private async putTogether(
    { callId, part, contentId, sha256, keptSha256 }: TraceBodyEntity,
    sealed: Buffer,
  ): Promise<Buffer | undefined> {
    const cipher = await this.cipherOf(contentId);
    if (cipher === undefined) return undefined;
    const places = new Map<string, Place>();
    const source: PieceSource = {
      expect: async (ids) => {
        const found = await this.placesOf(contentId, ids);
        for (const { id, ...place } of found) places.set(id, place);
        await this.packs.expect(
          contentId,
          found.map(({ pack }) => pack),
        );
      },
      get: async (id) => {
        const place = places.get(id);
        if (place === undefined) throw new RangeError(`Piece ${id} is not stored`);
        return cipher.open(id, await this.packs.read(contentId, place.pack, place));
      },
    };
    const parts: Buffer[] = [];
    const root = await cipher.openRoot(`${callId} ${part}`, sealed);
    for await (const bytes of unfold(root, source)) parts.push(bytes);
    const bytes = Buffer.concat(parts);
    if (
      !createHash('sha256')
        .update(bytes)
        .digest()
        .equals(keptSha256 ?? sha256)
    )
      throw new RangeError('The digest is not that of the bytes that were kept');
    return bytes;
  }

  private async cipherOf(contentId: string): Promise<PieceCipher | undefined> {
    const content = await this.contents.findOneBy({ id: contentId });
    if (content === null || content.dataKeyId === null) return undefined;
    const key = await this.dataKeys.find(this.contents.manager, content.dataKeyId);
    return key === undefined ? undefined : new PieceCipher(key, contentId);
  }

  private async isDeleted(contentId: string): Promise<boolean> {
    const content = await this.contents.findOneBy({ id: contentId });
    return content === null || content.dataKeyId === null;
  }

  private placesOf(contentId: string, ids: readonly string[]): Promise<(Place & { readonly id: string })[]> {
    return this.contents.query<(Place & { id: string })[]>(
      `SELECT encode("piece_id", 'hex') AS "id", "pack", "pack_offset" AS "offset", "length"
         FROM "trace_pieces" WHERE "content_id" = $1 AND "piece_id" = ANY($2)`,
      [contentId, ids.map((id) => Buffer.from(id, 'hex'))],
    );
  }
}

/** Tells whether an error says that what is stored is not what was stored once. */
function isDamage(error: unknown): boolean {
  return (
    error instanceof DamagedPieceError ||
    error instanceof RangeError ||
    error instanceof DecryptionError ||
    error instanceof MissingPackError
  );
}
