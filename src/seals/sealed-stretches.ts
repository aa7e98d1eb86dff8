import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import { SealFacts, sealText } from './hash-chain';
import { SealEntity } from './seal.entity';
import { atOf, keyOf, readRecords, SealedSubject } from './sealed-records';

/** The number of seals that are read at a time. */
const PAGE = 100;

/** An entry, with what its row says now. */
export interface SealedEntry extends SealedSubject {
  readonly seq: number;
  readonly recordSha256: Buffer;
  /** Whether it was asked for; of any other no more than its hash may be shown. */
  readonly isAsked: boolean;
  /** The record of the row; undefined if the row is gone, was not asked for, or has changed and is sealed again, or will be. */
  readonly record: string | undefined;
  /** Whether there is a later entry, or one is to come, because the server itself has changed the row. */
  readonly isSuperseded: boolean;
}

/** A seal with the entries that are in it. */
export interface SealedStretch {
  readonly seal: SealEntity;
  readonly text: string;
  readonly entries: readonly SealedEntry[];
}

/** Which of the seals of a chain are read, and which records. */
interface Wanted {
  readonly chainId: string;
  /** The ids of the calls that are asked for; undefined for all that there is. */
  readonly callIds?: readonly string[];
}

const SELECT_ENTRIES = `
  SELECT "seq"::float8 AS "seq", "kind", "subject_id" AS "subjectId", ${atOf('entry')}, "record_sha256" AS "recordSha256"
    FROM "seal_entries" AS "entry" WHERE "chain_id" = $1 AND "seq" BETWEEN $2 AND $3 ORDER BY "entry"."seq"`;

/** Selects the numbers of entries that have a later one or will have. It has to be asked after their rows are read. */
const SELECT_SUPERSEDED = `
  SELECT "seq"::float8 AS "seq" FROM "seal_entries" AS "entry"
   WHERE "chain_id" = $1 AND "seq" BETWEEN $2 AND $3 AND (
     EXISTS (SELECT 1 FROM "seal_entries" AS "later" WHERE "later"."subject_id" = "entry"."subject_id" AND "later"."kind" = "entry"."kind"
                AND "later"."at" = "entry"."at" AND "later"."chain_id" = $1 AND "later"."seq" > "entry"."seq")
     OR EXISTS (SELECT 1 FROM "seal_queue" AS "item" WHERE "item"."at" = "entry"."at" AND "item"."kind" = "entry"."kind"
                   AND "item"."subject_id" = "entry"."subject_id"))`;

const SELECT_SEALS_OF_CALLS = `
  SELECT DISTINCT "seal"."first_seq" AS "firstSeq"
    FROM "seal_entries" AS "entry" CROSS JOIN LATERAL (
      SELECT "first_seq" FROM "seals" WHERE "chain_id" = $1 AND "first_seq" <= "entry"."seq" ORDER BY "first_seq" DESC LIMIT 1
    ) AS "seal"
   WHERE "entry"."subject_id" = ANY($2) AND "entry"."kind" = 'call' AND "entry"."chain_id" = $1`;

/** Reads chains seal by seal, with what the rows of their entries say now. */
@Injectable()
export class SealedStretches {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Yields the seals of a chain in their order. */
  async *of({ chainId, callIds }: Wanted): AsyncGenerator<SealedStretch> {
    const asked = callIds === undefined ? undefined : new Set(callIds);
    for await (const seal of this.sealsOf(chainId, callIds)) {
      const entries = await this.entriesOf(seal, asked);
      yield { seal, text: sealText(factsOf(seal)), entries };
    }
  }

  /** Returns the ids of all chains. */
  async chainIds(): Promise<string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      'SELECT DISTINCT "chain_id" AS "id" FROM "seals" ORDER BY 1',
    );
    return rows.map(({ id }) => id);
  }

  private async *sealsOf(
    chainId: string,
    callIds: readonly string[] | undefined,
  ): AsyncGenerator<SealEntity> {
    const { manager } = this.dataSource;
    if (callIds !== undefined) {
      const found = await manager.query<{ firstSeq: string }[]>(SELECT_SEALS_OF_CALLS, [chainId, callIds]);
      const firstSeqs = found.map(({ firstSeq }) => firstSeq);
      yield* await manager.find(SealEntity, {
        where: { chainId, firstSeq: In(firstSeqs) },
        order: { firstSeq: 'ASC' },
      });
      return;
    }
    let after = '0';
    for (;;) {
      const page = await manager
        .createQueryBuilder(SealEntity, 'seal')
        .where('seal.chainId = :chainId AND seal.firstSeq > :after', { chainId, after })
        .orderBy('seal.firstSeq', 'ASC')
        .limit(PAGE)
        .getMany();
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.firstSeq;
    }
  }

  private async entriesOf(
    { chainId, firstSeq, lastSeq }: SealEntity,
    asked: ReadonlySet<string> | undefined,
  ): Promise<SealedEntry[]> {
    const { manager } = this.dataSource;
    const stretch = [chainId, firstSeq, lastSeq];
    const found = await manager.query<Omit<SealedEntry, 'record' | 'isAsked' | 'isSuperseded'>[]>(
      SELECT_ENTRIES,
      stretch,
    );
    const rows = found.map((row) => ({ ...row, isAsked: asked?.has(row.subjectId) ?? true }));
    const records = await readRecords(
      manager,
      rows.filter(({ isAsked }) => isAsked),
    );
    const superseded = await manager.query<{ seq: number }[]>(SELECT_SUPERSEDED, stretch);
    const seqs = new Set(superseded.map(({ seq }) => seq));
    return rows.map((row) => {
      const isSuperseded = seqs.has(row.seq);
      const record = isSuperseded ? undefined : records.get(keyOf(row))?.text;
      return { ...row, recordSha256: Buffer.from(row.recordSha256), record, isSuperseded };
    });
  }
}

/** Returns what a stored seal says. */
export function factsOf(seal: SealEntity): SealFacts {
  return {
    chain: seal.chainId,
    first: Number(seal.firstSeq),
    last: Number(seal.lastSeq),
    previous_head: seal.previousHead.toString('hex'),
    head: seal.head.toString('hex'),
    sealed_at: seal.sealedAt.toISOString(),
    key: seal.signingKeyId,
  };
}
