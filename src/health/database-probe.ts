import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';

const ANSWERS_WITHIN_MS = 2_000;
const CHECK_INTERVAL_MS = 1_000;
/** The probe's query. After a failover the address can lead to a standby, which responds but stores no session or revocation. */
const IS_READ_ONLY =
  "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS is_read_only";

/**
 * Checks whether the database responds and is writable. Concurrent calls are coalesced, and at most one query is sent per
 * second and none while another is pending: one queued query per probe would block the very requests that probes protect.
 */
@Injectable()
export class DatabaseProbe {
  /** The latest result; initially true, since the server listens only after migrations have been applied. */
  private known = true;
  private isAsking = false;
  private checkedAt = -Infinity;
  private latest = Promise.resolve(true);

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** The result of the latest query, without waiting for a pending one. */
  get lastKnown(): boolean {
    return this.known;
  }

  /**
   * Tells whether the database responds and is writable, within two seconds: a query that takes longer counts as failed, and no
   * other one is sent until it has ended. Never throws.
   */
  async answers(): Promise<boolean> {
    if (!this.isAsking && performance.now() - this.checkedAt >= CHECK_INTERVAL_MS) this.latest = this.check();
    return this.latest;
  }

  private async check(): Promise<boolean> {
    this.isAsking = true;
    this.checkedAt = performance.now();
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
