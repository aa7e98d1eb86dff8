import { CallRow } from './call-row';
import { RecordedCalls } from './recorded-calls';

/** An observer of the ledger. What it throws is logged. It must not await. */
export interface LedgerObserver {
  /** Called when the usage and the cost of a call are known, before the database has them. */
  recorded?(row: CallRow): void;
  /** Called with the exchange's id when nothing more will be recorded of it, even if nothing was. */
  settled?(exchangeId: string): void;
  /**
   * Called when the database has taken rows.
   * @param recorded the sums of those that were not in the ledger before.
   */
  written?(rows: readonly CallRow[], recorded: readonly RecordedCalls[]): void;
}
