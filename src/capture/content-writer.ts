import { randomUUID } from 'node:crypto';
import { BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { Logger } from 'pino';
import { BatchedWriter } from '../batching/batched-writer';
import { CONFIG, Config } from '../config/config';
import { DecryptionError } from '../credentials/encryption.service';
import { isAboutValues } from '../database/sql-state';
import { LOGGER } from '../logging/logging.module';
import { BodySpool } from './body-spool';
import { CaptureBuffer } from './capture-buffer';
import { CapturedCall } from './captured-call';
import { aboutBody, dropped, foldedCall } from './folded-call';
import { LookedThrough, lookThrough } from './looked-through';
import { PACK_STORE, PackStore } from './pack-store';
import { sealedPack } from './sealed-pack';
import { SecretNoticesService } from './secret-notices.service';
import { titleOf } from './session-title';
import { BODY_PARTS } from './trace-body.entity';
import {
  Addition,
  BodyRow,
  OpenContent,
  StoredPiece,
  TraceContentsRepository,
} from './trace-contents.repository';
import { WaitingCall } from './waiting-call';
import { remember, WrittenContent, WrittenContents } from './written-contents';

/** The part of the memory from which on calls that end wait in the spool. */
const SPOOLED_FROM = 1 / 4;
/** The maximum number of calls that wait, whose bodies may have been dropped: their digests are still written. */
const MAX_CALLS = 10_000;
const RETRY_MS = 2_000;
/** How long the last calls may take to be written when the server stops. */
const CLOSE_MS = 5_000;
/** For how long what was prepared is tried: packs without rows are removed after an hour. */
const PREPARED_MS = 1_800_000;
/** How often a call is tried though the database can be reached. */
const MAX_TRIES = 5;
/** The number of calls in which a title is looked for. */
const MAX_TITLE_TRIES = 5;

/** A call that is in the store, and about to get its rows. */
interface PreparedCall {
  readonly contentId: string;
  readonly pack: string;
  readonly addition: Addition;
  /** The kinds of secrets that went to the model with it. */
  readonly secretsSent: LookedThrough['secretsSent'];
  /** When it was prepared, on the clock of performance.now(). */
  readonly at: number;
}

/**
 * Writes the content of finished calls, one call at a time, behind the streams' back: what is new of it into one pack, and then
 * the rows. What finds no room in memory, or on the disk, is dropped and counted, and its row says so.
 */
@Injectable()
export class ContentWriter implements BeforeApplicationShutdown {
  /** The memory of all copies, from the first byte until they are written, or in the spool. */
  readonly buffer: CaptureBuffer;
  /** The bodies that wait on the disk. */
  readonly spool: BodySpool;
  /** The number of bodies since the start, by what became of them. */
  readonly counts = new Map([
    ['kept', 0],
    ['too_large', 0],
    ['dropped', 0],
    ['deleted', 0],
  ]);
  private readonly sessions: WrittenContents;
  private readonly writer: BatchedWriter<WaitingCall>;
  /** The calls whose rows the database has not taken: they are not stored again. */
  private readonly prepared = new WeakMap<CapturedCall, PreparedCall>();
  /** How often writing a call has failed though the database could be reached. */
  private readonly failures = new WeakMap<CapturedCall, number>();
  private isStoreFailing = false;
  private isSpoolFailing = false;
  private readonly spooledFrom: number;

  constructor(
    private readonly contents: TraceContentsRepository,
    @Inject(PACK_STORE) private readonly packs: PackStore,
    private readonly notices: SecretNoticesService,
    @Inject(CONFIG) { traces }: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.sessions = new WrittenContents(contents);
    this.buffer = new CaptureBuffer(traces.maxWaitingBytes);
    this.spooledFrom = traces.maxWaitingBytes * SPOOLED_FROM;
    this.spool = new BodySpool(traces.spool.directory, traces.spool.maxBytes);
    this.writer = new BatchedWriter({
      write: async (calls) => {
        for (const call of calls) await this.write(call);
      },
      onFailure: (error) => this.logger.warn({ err: error }, 'The content of a call waits for the database'),
      maxItems: MAX_CALLS,
      batchSize: 1,
      flushMs: 0,
      retryMs: RETRY_MS,
    });
  }

  /** The number of calls that wait. */
  get waitingCount(): number {
    return this.writer.size;
  }

  /** Runs when the proxy has drained and before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    const left = await this.writer.close(CLOSE_MS);
    if (left > 0) this.logger.error({ calls: left }, 'The content of the last calls is not kept');
    await this.spool.close();
  }

  /** Adds a call. Nobody waits for it. */
  add(call: CapturedCall): void {
    const waiting = new WaitingCall(call, this.buffer, this.spool);
    if (!this.writer.add(waiting)) this.drop(waiting, 'Too many calls wait: the content of one is not kept');
    else if (this.buffer.bytes > this.spooledFrom) void this.moveToDisk(waiting);
  }

  /** Waits until the calls that have been added are written, or can't be at present. */
  flush(): Promise<void> {
    return this.writer.flush();
  }

  /** Forgets the keys of contents that have been deleted. */
  forget(contentIds: ReadonlySet<string>): void {
    this.sessions.forget(contentIds);
  }

  private async moveToDisk(waiting: WaitingCall): Promise<void> {
    try {
      await waiting.moveToDisk();
      this.isSpoolFailing = false;
    } catch (error) {
      if (!this.isSpoolFailing)
        this.logger.error({ err: error }, 'The spool can’t be written; content waits in memory alone');
      this.isSpoolFailing = true;
    }
  }

  /** @throws Error if the call is to be tried again. */
  private async write(waiting: WaitingCall): Promise<void> {
    const call = await waiting.load().catch((error: unknown) => {
      this.drop(waiting, 'The content of a call can’t be read from the spool, and is not kept', error);
    });
    if (call === undefined) return;
    try {
      for (const { state } of await this.addRows(call)) this.count(state);
      waiting.leaveBuffer();
    } catch (error) {
      if (!(await this.isFinal(call, error))) throw error;
      this.drop(waiting, 'The content of a call can’t be kept', error);
    }
  }

  /** Tells whether a failure is the call's own, which would hold up all others. */
  private async isFinal(call: CapturedCall, error: unknown): Promise<boolean> {
    if (isAboutValues(error) || error instanceof DecryptionError) return true;
    if (!(await this.contents.isReachable())) return false;
    const failures = (this.failures.get(call) ?? 0) + 1;
    this.failures.set(call, failures);
    return failures === MAX_TRIES;
  }

  /** @returns the rows of the call's bodies. */
  private async addRows(call: CapturedCall): Promise<readonly BodyRow[]> {
    const session = await this.sessions.of(call);
    if ('contentId' in session) return this.addDeleted(session.contentId, call);
    const { pack, addition, secretsSent } = await this.prepare(session, call);
    // If this fails the pack stays: the database may have taken its rows all the same. What is left behind is swept.
    const isAdded = await this.contents.add(session.id, call, addition);
    if (isAdded) {
      remember(session, addition.pieces);
      await this.notices.give(session.id, call, secretsSent);
      return addition.bodies;
    }
    // The content was deleted meanwhile, before the call came in or after it.
    this.sessions.delete(call);
    await this.remove(session, pack);
    return this.addRows(call);
  }

  /** Notes that a call was deleted before it was kept. @returns its rows. */
  private async addDeleted(contentId: string, call: CapturedCall): Promise<readonly BodyRow[]> {
    const { call: looked, secretsSent } = await lookThrough(call);
    const rows = BODY_PARTS.map((part): BodyRow => ({
      ...aboutBody(part, looked.bodies[part]),
      state: 'deleted',
      pieces: null,
    }));
    await this.contents.addBodies(contentId, call.id, rows);
    await this.notices.give(contentId, call, secretsSent);
    return rows;
  }

  /** Stores what is new in a call, once. */
  private async prepare(content: WrittenContent, call: CapturedCall): Promise<PreparedCall> {
    const before = this.prepared.get(call);
    if (before?.contentId === content.id && performance.now() - before.at < PREPARED_MS) return before;
    const { call: looked, secretsSent } = await lookThrough(call);
    const folded = await foldedCall(looked, content.cipher);
    const pack = randomUUID();
    const pieces = await this.notStored(content, pack, folded.pieces);
    const stored = await this.store(content, pack, pieces);
    const bodies = stored === undefined ? folded.bodies.map((row) => dropped(row)) : folded.bodies;
    const title = await this.titleOf(content, looked);
    const addition = { pack, title, pieces: stored ?? [], bodies };
    const prepared = { contentId: content.id, pack, addition, secretsSent, at: performance.now() };
    this.prepared.set(call, prepared);
    return prepared;
  }

  /** Returns the pieces that are to go into a pack, which is noted if there may be any. */
  private async notStored(
    { id, stored }: WrittenContent,
    pack: string,
    pieces: ReadonlyMap<string, Buffer>,
  ): Promise<ReadonlyMap<string, Buffer>> {
    const unknown = [...pieces.keys()].filter((one) => !stored.has(one));
    if (unknown.length === 0) return new Map();
    for (const one of await this.contents.notePack(id, pack, unknown)) stored.add(one);
    return new Map([...pieces].filter(([one]) => !stored.has(one)));
  }

  /** Returns the title that a call gives its session, encrypted; undefined if the session keeps what it has. */
  private async titleOf(session: WrittenContent, call: LookedThrough['call']): Promise<Buffer | undefined> {
    if (session.hasFinalTitle) return undefined;
    session.titleTries += 1;
    if (session.titleTries === MAX_TITLE_TRIES) session.hasFinalTitle = true;
    const title = await titleOf(call).catch(() => undefined); // it is not worth failing for
    if (title === undefined || (session.hasTitle && !title.isFinal)) return undefined;
    session.hasTitle = true;
    session.hasFinalTitle ||= title.isFinal;
    return session.cipher.sealRoot('title', Buffer.from(title.text));
  }

  /**
   * Writes pieces into a pack.
   * @returns undefined if the store does not take it.
   */
  private async store(
    { id: contentId, cipher }: OpenContent,
    pack: string,
    pieces: ReadonlyMap<string, Buffer>,
  ): Promise<StoredPiece[] | undefined> {
    if (pieces.size === 0) return [];
    const sealed = await sealedPack(cipher, pack, pieces);
    try {
      await this.packs.put(contentId, pack, sealed.bytes);
      this.isStoreFailing = false;
      return sealed.places;
    } catch (error) {
      if (!this.isStoreFailing)
        this.logger.error(
          { err: error },
          'The content of calls can’t be stored; until it can, it is dropped',
        );
      this.isStoreFailing = true;
      return undefined;
    }
  }

  private async remove({ id }: OpenContent, pack: string): Promise<void> {
    try {
      await this.packs.remove(id, pack);
      await this.contents.forgetPack(id, pack);
    } catch (error) {
      this.logger.warn({ err: error }, 'A pack that is not needed could not be removed; the next sweep does');
    }
  }

  private drop(call: WaitingCall, message: string, error?: unknown): void {
    call.leaveBuffer();
    this.count('dropped', 2);
    this.logger.error({ err: error, request_id: call.id }, message);
  }

  private count(state: string, bodies = 1): void {
    this.counts.set(state, (this.counts.get(state) ?? 0) + bodies);
  }
}
