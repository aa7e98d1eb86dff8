import { Outcome } from '../../src/exchange/facts';
import { MeteredCall } from '../../src/metering/metered-call';
import { Usage, UsagePart } from '../../src/metering/usage';
import { UsageTap } from '../../src/metering/usage-tap';

type Format = MeteredCall['format'];

/** A call whose response passes a tap. */
export interface Passing {
  readonly format?: Format;
  readonly call?: Partial<MeteredCall>;
  readonly request?: string | readonly Buffer[];
  readonly requestCoding?: string;
  readonly status?: number;
  readonly contentType?: string;
  readonly coding?: string;
  readonly chunks: string | readonly Buffer[];
  readonly outcome?: Outcome;
  readonly isBehind?: () => boolean;
}

const chunksOf = (body: string | readonly Buffer[]): readonly Buffer[] =>
  typeof body === 'string' ? [Buffer.from(body)] : body;

/** Sends a call past a tap, and returns its usages. Each chunk is overwritten behind it: a tap that keeps one must copy it. */
export async function usagesOf(passing: Passing): Promise<readonly Usage[]> {
  const { format = 'messages', call, request = '{"model":"asked"}', outcome = 'completed' } = passing;
  const metered: MeteredCall = {
    endpoint: 'other',
    format,
    reportsCost: false,
    model: undefined,
    batchId: undefined,
    ...call,
  };
  const { requestCoding, isBehind = () => false } = passing;
  const tap = new UsageTap(metered, { requestCoding, isBehind });
  const pass = (chunk: Buffer, take: (chunk: Buffer) => void): void => {
    const shared = Buffer.from(chunk);
    take(shared);
    shared.fill('?');
  };
  for (const chunk of chunksOf(request)) pass(chunk, (one) => tap.requestChunk(one));
  const type =
    passing.contentType ??
    (String(passing.chunks).startsWith('{') ? 'application/json' : 'text/event-stream');
  const headers = ['Content-Type', type, ...(passing.coding ? ['Content-Encoding', passing.coding] : [])];
  tap.responseHead(passing.status ?? 200, headers);
  for (const chunk of chunksOf(passing.chunks)) pass(chunk, (one) => tap.responseChunk(one));
  tap.end(outcome);
  return tap.usages;
}

export async function usageOf(passing: Passing): Promise<Usage> {
  const usages = await usagesOf(passing);
  expect(usages).toHaveLength(1);
  return usages[0]!;
}

/** Renders events as their provider does: with their types, if the data have one. */
export function sse(events: readonly (object | string)[]): string {
  return events
    .map((data) => {
      if (typeof data === 'string') return `data: ${data}\n\n`;
      const type = 'type' in data ? `event: ${String(data.type)}\n` : '';
      return `${type}data: ${JSON.stringify(data)}\n\n`;
    })
    .join('');
}

/** A part of usage whose other counts are zero. */
export function part(counts: Partial<UsagePart>): UsagePart {
  return { model: 'm', input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, ...counts };
}
