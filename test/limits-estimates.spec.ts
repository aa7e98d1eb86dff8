import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../src/config/env';
import { shownUsd } from '../src/limits/amounts';
import { CallEstimates } from '../src/limits/call-estimates';
import { createLogger } from '../src/logging/logger';
import { isUnpriced } from '../src/metering/cost';
import { PricesService } from '../src/metering/prices.service';
import { NO_USAGE } from '../src/metering/usage';
import { CALL_SHAPES, CallShape } from './support/call-shapes';
import { callRow } from './support/call-rows';
import { readText } from './support/manifests';
import { tableOf } from './support/markdown';

const PAGE = 'docs/limits.md';
/** The two marks around the table of estimates. */
const MARKS = ['<!-- Written by `npm run docs:config`. -->', '<!-- The end of what it writes. -->'];
const AT = new Date('2026-11-28T12:00:00Z');
const USER = '16fd2706-8baf-433b-82eb-8c7fada847da';

const prices = new PricesService(loadConfig({}), createLogger('fatal', { write: () => undefined }));

interface Estimated {
  readonly shape: CallShape;
  readonly strict: number;
  readonly typical: number;
  readonly truth: number;
}

/** What the calls are taken for, one after another, by a process that has just started; and what each then costs. */
function estimated(): Estimated[] {
  const estimates = new CallEstimates(prices);
  return CALL_SHAPES.map((shape) => {
    const { provider, model, session, bytes, maxOutputTokens, hasOutput = true, used } = shape;
    const call = {
      ...{ provider, model, requestBytes: bytes, maxOutputTokens, hasOutput, at: AT },
      session: `${USER} ${session}`,
    };
    const [strict, typical] = [estimates.nanoUsd(call, 'strict'), estimates.nanoUsd(call, 'typical')];
    const truth = truthOf(shape);
    estimates.learn(
      callRow({
        ...{ id: shape.name, user_id: USER, provider: provider.id, agent_session_id: session },
        ...{ requested_model: model, model, output_tokens: used.output ?? 0, cost_nano_usd: String(truth) },
      }),
    );
    return { shape, strict, typical, truth };
  });
}

function truthOf({ provider, model, used }: CallShape): number {
  const counts = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, ...used };
  const usage = { ...NO_USAGE, state: 'measured' as const, model, parts: [{ ...counts, model }] };
  const cost = prices.costOf(usage, provider, AT);
  if (isUnpriced(cost)) throw new Error(`${model} has no price`);
  return Number(cost.nanoUsd);
}

/** Says how far off an estimate is, and in which direction. */
function off(estimate: number, truth: number): string {
  const [factor, direction] =
    estimate >= truth ? [estimate / truth, 'too dear'] : [truth / estimate, 'too cheap'];
  return factor < 1.05
    ? 'right'
    : `${factor < 10 ? factor.toFixed(1) : Math.round(factor)} times ${direction}`;
}

function table(): string {
  const rows = estimated().map(({ shape, strict, typical, truth }) => [
    shape.name,
    shape.model,
    shape.maxOutputTokens?.toLocaleString('en') ?? (shape.hasOutput === false ? '' : 'none'),
    `$${shownUsd(truth)}`,
    `$${shownUsd(strict)}`,
    off(strict, truth),
    `$${shownUsd(typical)}`,
    off(typical, truth),
  ]);
  const head = ['request', 'model', 'max output', 'cost', '`strict`', 'it is', '`typical`', 'it is'];
  return tableOf(head, rows);
}

describe('what calls are taken for before they are made', () => {
  it('is in docs/limits.md, for twenty requests; `npm run docs:config` writes it again', () => {
    const text = readText(PAGE);
    const [start, end] = MARKS.map((mark) => text.indexOf(mark)) as [number, number];
    expect(start).toBeGreaterThan(0);
    expect(end).toBeGreaterThan(start);
    const page = `${text.slice(0, start)}${MARKS[0]}\n\n${table()}\n\n${text.slice(end)}`;
    if (process.env.WRITE_CONFIGURATION === '1') writeFileSync(join(__dirname, '..', PAGE), page);
    expect(readText(PAGE)).toBe(page);
    expect(CALL_SHAPES).toHaveLength(20);
  });

  it.each(estimated().map((one) => [one.shape.name, one] as const))(
    'is never below the truth when it is strict: %s',
    (_, { strict, truth }) => expect(strict).toBeGreaterThanOrEqual(truth),
  );

  it('is never above the worst case when it is typical, and is that for the first call of a session', () => {
    const seen = new Set<string>();
    for (const { shape, strict, typical } of estimated()) {
      expect(typical).toBeLessThanOrEqual(strict);
      if (!seen.has(shape.session)) expect(typical).toBe(strict);
      seen.add(shape.session);
    }
  });
});
