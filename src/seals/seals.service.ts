import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { linesOf, SealLine, sealLine, textOf } from './seal-lines';
import { SealEntity } from './seal.entity';
import { sealText } from './hash-chain';
import { INSTALLATION_CHAIN } from './sealed-records';
import { factsOf, SealedStretches } from './sealed-stretches';

/** The last seal of a chain. */
export interface LastSeal {
  readonly sealedAt: Date;
  /** The number of entries up to it. */
  readonly entries: number;
  readonly line: SealLine;
}

/** Hands out chains, to be checked elsewhere. */
@Injectable()
export class SealsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly stretches: SealedStretches,
  ) {}

  /** Returns the last seal of an organization; undefined if there is none yet. */
  async last(orgId: string): Promise<LastSeal | undefined> {
    const seal = await this.dataSource.manager.findOne(SealEntity, {
      where: { chainId: orgId },
      order: { firstSeq: 'DESC' },
    });
    if (seal === null) return undefined;
    const line = sealLine(seal, sealText(factsOf(seal)));
    return { sealedAt: seal.sealedAt, entries: Number(seal.lastSeq), line };
  }

  /** Yields the lines of an organization's chain, seal by seal. */
  async *chain(orgId: string): AsyncGenerator<string> {
    for await (const stretch of this.stretches.of({ chainId: orgId })) yield textOf(linesOf(stretch));
  }

  /** Yields the lines of all chains, one after the other. */
  async *chains(): AsyncGenerator<string> {
    for (const chainId of await this.stretches.chainIds())
      for await (const stretch of this.stretches.of({ chainId })) yield textOf(linesOf(stretch));
  }

  /**
   * Yields the seals that some calls of a chain are in, with the records of these calls alone.
   * @param orgId null for calls that belong to no organization.
   */
  async *ofCalls(
    orgId: string | null,
    callIds: readonly string[],
  ): AsyncGenerator<{ readonly first: string; readonly lines: string }> {
    const chainId = orgId ?? INSTALLATION_CHAIN;
    for await (const stretch of this.stretches.of({ chainId, callIds }))
      yield { first: stretch.seal.firstSeq, lines: textOf(linesOf(stretch)) };
  }
}
