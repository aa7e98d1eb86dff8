import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { LOGGER } from '../logging/logging.module';
import { PACK_STORE, PackStore, PackStoreError } from './pack-store';
import { TraceContentsRepository } from './trace-contents.repository';

/** The number of rows that one statement removes, so that other queries can run in between. */
const BATCH = 1_000;

const MARK_DELETED = `
  UPDATE "trace_bodies" SET "state" = 'deleted', "pieces" = NULL WHERE ("call_id", "part") IN (
    SELECT "call_id", "part" FROM "trace_bodies" WHERE "content_id" = $1 AND "state" = 'kept' LIMIT ${BATCH})`;
const DELETE_PIECES = `
  DELETE FROM "trace_pieces" WHERE ("content_id", "piece_id") IN (
    SELECT "content_id", "piece_id" FROM "trace_pieces" WHERE "content_id" = $1 LIMIT ${BATCH})`;

/** Another process may have removed the last rows, and not be done with that. */
const FORGET = `
  DELETE FROM "trace_removals" WHERE "content_id" = $1
     AND NOT EXISTS (SELECT 1 FROM "trace_pieces" WHERE "content_id" = $1)
     AND NOT EXISTS (SELECT 1 FROM "trace_bodies" WHERE "content_id" = $1 AND "state" = 'kept')`;

/** Removes the packs and rows of content whose key is gone already, and packs that never got their rows. */
@Injectable()
export class ContentRemovals {
  private isStopping = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly contents: TraceContentsRepository,
    @Inject(PACK_STORE) private readonly packs: PackStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Ends removing between two statements. What is left is for the next start. */
  stop(): void {
    this.isStopping = true;
  }

  /** Removes all that is noted for it. */
  async removeAll(): Promise<void> {
    const rows = await this.dataSource.query<{ content_id: string }[]>(
      `SELECT "content_id" FROM "trace_removals"`,
    );
    await this.remove(rows.map(({ content_id }) => content_id));
  }

  /** Removes what is left of these contents. A failure is logged, and the next sweep tries again. */
  async remove(contentIds: readonly string[]): Promise<void> {
    for (const id of contentIds) {
      if (this.isStopping) return;
      try {
        await this.packs.removeAll(id);
        const isDone = (await this.repeat(MARK_DELETED, id)) && (await this.repeat(DELETE_PIECES, id));
        if (isDone) await this.dataSource.query(FORGET, [id]);
      } catch (error) {
        this.logger.warn(
          { err: error, content_id: id },
          'What is left of deleted content could not be removed; it is tried again',
        );
        if (error instanceof PackStoreError) return; // somebody may wait, and the rest would come to the same
      }
    }
  }

  /** Removes packs that never got their rows, as after a crash. */
  async removeLeftBehind(): Promise<void> {
    for (const { contentId, pack } of await this.contents.packsLeftBehind()) {
      if (this.isStopping) return;
      await this.packs.remove(contentId, pack);
      await this.contents.forgetPack(contentId, pack);
    }
  }

  /** Repeats a statement until it has nothing more to do. @returns false if the server is stopping before that. */
  private async repeat(sql: string, id: string): Promise<boolean> {
    let rows = BATCH;
    while (rows === BATCH && !this.isStopping)
      [, rows] = await this.dataSource.query<[unknown, number]>(sql, [id]);
    return rows < BATCH;
  }
}
