import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Logger } from 'pino';
import { DataSource, EntityManager } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { Signer, SigningKeysService } from '../credentials/signing-keys.service';
import { LOGGER } from '../logging/logging.module';
import { PeriodicTask } from '../retention/periodic-task';
import { digestOf, FIRST_HEAD, leafOf, nextHead, sealText, signedBytes } from './hash-chain';
import { inTurns } from './in-turns';
import { SealEntity } from './seal.entity';
import { atOf, keyOf, readRecords, SealedSubject } from './sealed-records';

/** The maximum number of records that one transaction seals, so that other queries can run in between. */
const BATCH = 200;

/** The advisory lock of the one who seals: two servers would give two entries one number. */
const LOCK = 7_286_418_001;

/** Takes the oldest records of the queue ($1: how many). */
const TAKE = `
  WITH "taken" AS (
    DELETE FROM "seal_queue" WHERE ("at", "kind", "subject_id") IN (
      SELECT "at", "kind", "subject_id" FROM "seal_queue" ORDER BY "at", "kind", "subject_id" LIMIT $1 FOR UPDATE)
    RETURNING "at", "kind", "subject_id"
  )
  SELECT "kind", "subject_id" AS "subjectId", ${atOf('taken')} FROM "taken" ORDER BY "taken"."at", "kind", "subject_id"`;

const INSERT_ENTRIES = `
  INSERT INTO "seal_entries" ("chain_id", "seq", "kind", "subject_id", "at", "record_sha256")
  SELECT $1, $2::bigint + "nth", "kind", "subject_id", "at", decode("digest", 'hex')
    FROM unnest($3::text[], $4::text[], $5::timestamptz[], $6::text[]) WITH ORDINALITY
      AS "given"("kind", "subject_id", "at", "digest", "nth")`;

/** The entry that a record becomes. */
interface Entry extends SealedSubject {
  readonly recordSha256: Buffer;
}

/**
 * Seals what was recorded: every minute, what is new in each chain gets an entry, and the chain's head a signature. It runs behind
 * the ledger, and no call waits for it.
 */
@Injectable()
export class SealingService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly task: PeriodicTask;
  private isStopping = false;
  private sealed = 0;
  private failed = 0;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly keys: SigningKeysService,
    @Inject(CONFIG) { sealMs }: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.task = new PeriodicTask(sealMs, () => this.sealQueue());
  }

  /** The numbers of sealed records, and of runs that failed, since the start. */
  get counts(): { readonly sealed: number; readonly failed: number } {
    return { sealed: this.sealed, failed: this.failed };
  }

  onApplicationBootstrap(): void {
    this.task.repeat();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await this.task.stop();
  }

  /** Seals what is in the queue. Never throws: a failure is logged, and the next minute retries it. */
  seal(): Promise<void> {
    return this.task.run();
  }

  private async sealQueue(): Promise<void> {
    try {
      let taken: number;
      do {
        taken = await this.sealBatch();
        this.sealed += taken;
        await nextTurn(); // calls go first
      } while (taken === BATCH && !this.isStopping);
    } catch (error) {
      this.failed += 1;
      this.logger.error(
        { err: error },
        'Calls and events could not be sealed; they wait for the next minute',
      );
    }
  }

  /** @returns the number of records that were taken from the queue; 0 if another server is at work. */
  private async sealBatch(): Promise<number> {
    const [found] = await this.dataSource.query<{ any: boolean }[]>(
      'SELECT EXISTS (SELECT 1 FROM "seal_queue") AS "any"',
    );
    if (found?.any !== true) return 0;
    return this.dataSource.transaction(async (transaction) => {
      const [lock] = await transaction.query<{ mine: boolean }[]>(
        'SELECT pg_try_advisory_xact_lock($1) AS "mine"',
        [LOCK],
      );
      if (lock?.mine !== true) return 0;
      const taken = await transaction.query<SealedSubject[]>(TAKE, [BATCH]);
      const chains = await this.entriesOf(transaction, taken);
      if (chains.size === 0) return taken.length;
      const signer = await this.keys.signer(transaction);
      for (const [chainId, entries] of chains) await append(transaction, chainId, entries, signer);
      return taken.length;
    });
  }

  /** Returns the entries of each chain. A record whose row is gone already has none. */
  private async entriesOf(
    transaction: EntityManager,
    taken: readonly SealedSubject[],
  ): Promise<Map<string, Entry[]>> {
    const records = await readRecords(transaction, taken);
    const chains = new Map<string, Entry[]>();
    for await (const subject of inTurns(taken)) {
      const record = records.get(keyOf(subject));
      if (record === undefined) continue;
      const entries = chains.get(record.chainId) ?? [];
      entries.push({ ...subject, recordSha256: digestOf(record.text) });
      chains.set(record.chainId, entries);
    }
    return chains;
  }
}

/** Adds entries to a chain, and signs its head. */
async function append(
  transaction: EntityManager,
  chainId: string,
  entries: readonly Entry[],
  signer: Signer,
): Promise<void> {
  const last = await transaction.findOne(SealEntity, { where: { chainId }, order: { firstSeq: 'DESC' } });
  const before = Number(last?.lastSeq ?? 0);
  const previousHead = last?.head ?? FIRST_HEAD;
  await transaction.query(INSERT_ENTRIES, [
    chainId,
    before,
    entries.map(({ kind }) => kind),
    entries.map(({ subjectId }) => subjectId),
    entries.map(({ at }) => at),
    entries.map(({ recordSha256 }) => recordSha256.toString('hex')),
  ]);
  let head = previousHead;
  for await (const entry of inTurns(entries)) head = nextHead(head, leafOf(keyOf(entry), entry.recordSha256));
  const [firstSeq, lastSeq, sealedAt] = [before + 1, before + entries.length, new Date()];
  const text = sealText({
    chain: chainId,
    first: firstSeq,
    last: lastSeq,
    previous_head: previousHead.toString('hex'),
    head: head.toString('hex'),
    sealed_at: sealedAt.toISOString(),
    key: signer.id,
  });
  await transaction.insert(SealEntity, {
    chainId,
    firstSeq: String(firstSeq),
    lastSeq: String(lastSeq),
    previousHead,
    head,
    sealedAt,
    signingKeyId: signer.id,
    signature: signer.sign(signedBytes(text)),
  });
}
