import { JsonObject, objectIn, textIn, UnreadableUsageError } from './json';
import { Kept } from './json-scanner';
import { bodyFacts, messageUsage } from './message-usage';
import { KEPT_OF_MESSAGE } from './messages-reader';
import { NO_USAGE, Usage } from './usage';
import { RequestFacts, UsageReader, Wanted } from './usage-reader';

/** The provider's own limit. */
const MAX_RESULTS = 100_000;

const KEPT: Kept = { custom_id: true, result: { type: true, message: KEPT_OF_MESSAGE } };

/** A result of a batch, without what the call says. */
interface Result {
  readonly customId: string | undefined;
  readonly usage: Usage;
}

/** Reads the usage of a batch's results: a line for each request, whose message has the same form as outside a batch. */
export class BatchResultsReader implements UsageReader {
  readonly kept = KEPT;
  private readonly results: Result[] = [];
  private isIncomplete = false;

  wants(): Wanted {
    return 'nothing'; // results are no stream of events
  }

  event(): void {
    // See above
  }

  /** Takes a line. One that is cut is not counted: the next download has it whole. */
  body(value: JsonObject, isWhole: boolean): void {
    const message = objectIn(objectIn(value, 'result'), 'message');
    if (!isWhole || message === undefined) return; // errored, canceled or expired: free
    if (this.results.length === MAX_RESULTS) this.isIncomplete = true;
    else this.results.push({ customId: textIn(value, 'custom_id'), usage: usageOf(message) });
  }

  unreadableLine(): void {
    this.isIncomplete = true;
  }

  usages({ batchId }: RequestFacts): readonly Usage[] {
    const usages = this.results.map(({ customId, usage }) => ({
      ...usage,
      billedOnceKey: customId === undefined ? undefined : `${batchId ?? ''}/${customId}`,
    }));
    if (this.isIncomplete) return [...usages, { ...NO_USAGE, state: 'unreadable' }];
    return usages.length === 0 ? [NO_USAGE] : usages;
  }
}

function usageOf(message: JsonObject): Usage {
  const request = { requestedModel: undefined, reportsCost: false, batchId: undefined };
  const facts = bodyFacts(message, true);
  if (facts.usage === undefined) return { ...NO_USAGE, state: 'unreadable', model: facts.model };
  try {
    const usage = messageUsage(facts, request);
    return { ...usage, served: { ...usage.served, serviceTier: 'batch' } };
  } catch (error) {
    if (!(error instanceof UnreadableUsageError)) throw error;
    return { ...NO_USAGE, state: 'unreadable', model: facts.model, messageId: facts.id };
  }
}
