import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';

const ANSWERS_WITHIN_MS = 2_000;
const ASKED_EVERY_MS = 1_000;
/** After a failover the old address can lead to a standby: it answers, and no sign-in or revocation is stored. */
const IS_READ_ONLY =
  "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS is_read_only";

/**
 * Whether the database answers and takes changes. It is asked at most once a second and once at a time, however many want to know: a query in
 * the queue for each probe would keep out the very requests that the probes are about.
 */
@Injectable()
export class DatabaseProbe {
  /** The server listens only after it has applied migrations. */
  private known = true;
  private isAsking = false;
  private askedAt = -Infinity;
  private latest = Promise.resolve(true);

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** What the latest query came to, without waiting for one that is under way. */
  get lastKnown(): boolean {
    return this.known;
  }

  /** Within two seconds: a query that takes longer counts as no answer, and no other one is sent until it has ended. */
  async answers(): Promise<boolean> {
    if (!this.isAsking && performance.now() - this.askedAt >= ASKED_EVERY_MS) this.latest = this.ask();
    return this.latest;
  }

  private async ask(): Promise<boolean> {
    this.isAsking = true;
    this.askedAt = performance.now();
    const giveUp = new AbortController();
    const answer = this.dataSource
      .query<[{ is_read_only: boolean }]>(IS_READ_ONLY)
      .then(
        ([{ is_read_only: isReadOnly }]) => !isReadOnly,
        () => false,
      )
      .finally(() => (this.isAsking = false));
    const late = sleep(ANSWERS_WITHIN_MS, false, { signal: giveUp.signal }).catch(() => false);
    this.known = await Promise.race([answer, late]);
    giveUp.abort();
    return this.known;
  }
}
