import { ByteTap } from '../exchange/exchange';
import { Outcome } from '../exchange/facts';
import { CompressedBody } from './compressed-body';
import { codingOf } from './content-coding';
import { EVENT_LOOP_LAG } from './event-loop-lag';
import { MeteredCall } from './metered-call';
import { RequestModel } from './request-model';
import { BodyKind, ResponseBody, responseBody } from './response-body';
import { NO_USAGE, Usage, UsageState } from './usage';
import { RequestFacts, UsageReader } from './usage-reader';
import { USAGE_READERS } from './usage-readers';

/** What a tap needs besides the bytes. */
interface TapOptions {
  /** The request's `content-encoding`. */
  readonly requestCoding?: string | undefined;
  /** Tells whether the process is behind, so that nothing more is read. */
  readonly isBehind?: () => boolean;
}

/**
 * Reads a call's usage from a copy of its bytes. A response is read as it passes, a few events at a time, and nothing more of it
 * is kept; a compressed one once it is too long to be decoded at its end. Never throws: what can't be read is `unreadable`.
 */
export class UsageTap implements ByteTap {
  /** The call's usage, once it has ended: one, or one for each result of a batch. Never rejected. */
  readonly usages: Promise<readonly Usage[]>;
  private resolve: (usages: readonly Usage[]) => void = () => undefined;
  private readonly request: RequestModel;
  private readonly isBehind: () => boolean;
  private isRead = false;
  private hasHead = false;
  private hasEnded = false;
  private reader: UsageReader | undefined;
  private body: ResponseBody | undefined;
  private compressed: CompressedBody | undefined;

  constructor(
    private readonly call: MeteredCall,
    { requestCoding, isBehind = EVENT_LOOP_LAG.isBehind }: TapOptions = {},
  ) {
    this.usages = new Promise((resolve) => (this.resolve = resolve));
    this.request = new RequestModel(requestCoding);
    this.isBehind = isBehind;
  }

  requestChunk(chunk: Buffer): void {
    if (this.call.format === 'none' || this.call.model !== undefined) return;
    if (!this.isBehind()) this.request.chunk(chunk);
  }

  responseHead(status: number, rawHeaders: readonly string[]): void {
    const { format } = this.call;
    this.hasHead = true;
    if (format === 'none' || status < 200 || status > 299) return;
    this.isRead = true;
    const coding = codingOf(headerOf(rawHeaders, 'content-encoding'));
    if (coding === null) return;
    this.reader = USAGE_READERS[format]();
    this.body = responseBody(kindOf(format, headerOf(rawHeaders, 'content-type')), this.reader);
    if (coding !== undefined)
      this.compressed = new CompressedBody(coding, (bytes) => this.orGiveUp(() => this.feed(bytes)));
  }

  responseChunk(chunk: Buffer): void {
    if (this.body === undefined || this.hasEnded) return;
    if (this.isBehind()) this.giveUp();
    else this.take(chunk);
  }

  end(outcome: Outcome): void {
    this.hasEnded = true;
    this.read(outcome).then(this.resolve, () => this.resolveAsUnreadable());
  }

  private resolveAsUnreadable(): void {
    this.giveUp();
    this.resolve([stateOnly('unreadable', this.call.model)]);
  }

  private take(bytes: Buffer): void {
    this.orGiveUp(() => this.compressed?.append(bytes) ?? this.feed(bytes));
  }

  private feed(bytes: Buffer): true {
    this.body?.feed(bytes);
    return true;
  }

  /** Gives up what fails: the exchange drops a tap that throws, and its end would stay unknown. */
  private orGiveUp(succeeds: () => boolean): void {
    try {
      if (succeeds()) return;
    } catch {
      // as below
    }
    this.giveUp();
  }

  private giveUp(): void {
    this.body = undefined;
    this.reader = undefined;
    this.compressed?.discard();
    this.compressed = undefined;
  }

  private async read(outcome: Outcome): Promise<readonly Usage[]> {
    const requestedModel = this.call.model ?? (await this.request.model());
    if (!this.hasHead && outcome === 'client_aborted' && this.call.format !== 'none')
      return [stateOnly('estimated', requestedModel)];
    if (!this.isRead) return [stateOnly('none', requestedModel)];
    if (this.compressed !== undefined && this.isBehind()) this.giveUp();
    const isWhole = await this.decodeBody();
    this.body?.end();
    const isDamaged = !isWhole || this.body?.isDamaged === true;
    const { reportsCost, batchId } = this.call;
    const usages = this.reader?.usages({ requestedModel, reportsCost, batchId });
    if (usages === undefined) return [stateOnly('unreadable', requestedModel)];
    return judged(usages, { requestedModel, isDamaged, isCompleted: outcome === 'completed' });
  }

  /** @returns false if a part of the body could not be decoded. */
  private async decodeBody(): Promise<boolean> {
    if (this.compressed === undefined) return true;
    const decoded = await this.compressed.finish();
    if (decoded === 'unreadable') this.giveUp();
    return decoded === 'whole';
  }
}

/** What is known of the bytes that usage was read from. */
interface Reading extends Pick<RequestFacts, 'requestedModel'> {
  readonly isDamaged: boolean;
  readonly isCompleted: boolean;
}

/** Says of what was read how sure it is. */
function judged(usages: readonly Usage[], reading: Reading): readonly Usage[] {
  const { requestedModel, isDamaged, isCompleted } = reading;
  if (usages.length === 0) return [stateOnly(isCompleted ? 'unreadable' : 'estimated', requestedModel)];
  if (!isDamaged) return usages;
  return usages.map((usage) => {
    const isNothing = usage.parts.every((one) => one.input + one.cacheRead + one.output === 0);
    if (isNothing && isCompleted) return { ...usage, state: 'unreadable', parts: [] };
    return usage.state === 'measured' ? { ...usage, state: 'estimated' } : usage;
  });
}

function stateOnly(state: UsageState, requestedModel: string | undefined): Usage {
  return { ...NO_USAGE, state, requestedModel };
}

function headerOf(rawHeaders: readonly string[], name: string): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() === name) return rawHeaders[at + 1];
  return undefined;
}

function kindOf(format: MeteredCall['format'], contentType = ''): BodyKind | undefined {
  if (format === 'batch_results') return 'lines';
  if (/^\s*text\/event-stream\b/i.test(contentType)) return 'events';
  return /json\b/i.test(contentType) ? 'document' : undefined;
}
