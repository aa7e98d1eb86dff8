import { countIn, JsonObject, objectsIn, textIn } from './json';
import { cacheWrites } from './message-cache-writes';
import { UsagePart } from './usage';

/** The parts of a message's usage. */
export interface MessageParts {
  readonly parts: readonly UsagePart[];
  /** False if a part of the numbers is a guess. */
  readonly isKnown: boolean;
}

/** The iterations that the sums of a message's usage don't contain. */
const APART = ['compaction', 'advisor_message'];

/** Reads the parts of a message's usage: one for each iteration with the model that it ran on, or the sums as one. */
export function messageParts(usage: JsonObject, model: string | undefined): MessageParts {
  const iterations = objectsIn(usage, 'iterations');
  if (iterations.length === 0) return together([partOf(usage, model)]);
  const inner = iterations.filter((one) => !APART.includes(textIn(one, 'type') ?? ''));
  const output = inner.reduce((sum, one) => sum + (countIn(one, 'output_tokens') ?? 0), 0);
  // A sum that is larger is newer than its iterations.
  if (output < (countIn(usage, 'output_tokens') ?? 0)) {
    const apart = iterations.filter((one) => !inner.includes(one)).map((one) => partOf(one, model, usage));
    return { ...together([partOf(usage, model), ...apart]), isKnown: false };
  }
  const billed = iterations.filter((one) => !isDeclined(one, iterations));
  return together(billed.map((one) => partOf(one, model, usage)));
}

/** Returns the model that took over; undefined if the requested one answered itself. */
export function fallbackModelOf(usage: JsonObject | undefined): string | undefined {
  const last = objectsIn(usage, 'iterations').findLast((one) => one['type'] === 'fallback_message');
  return textIn(last, 'model');
}

/** Tells whether a model declined without any output, and another one answered: that costs nothing. */
function isDeclined(iteration: JsonObject, all: readonly JsonObject[]): boolean {
  const isAttempt = iteration['type'] === 'message' && (countIn(iteration, 'output_tokens') ?? 0) === 0;
  return isAttempt && all.some((one) => one['type'] === 'fallback_message');
}

interface Part {
  readonly part: UsagePart;
  readonly isKnown: boolean;
}

function partOf(usage: JsonObject, model: string | undefined, inherited?: JsonObject): Part {
  const { isKnown, ...writes } = cacheWrites(usage, inherited);
  return {
    isKnown,
    part: {
      model: textIn(usage, 'model') ?? model,
      input: countIn(usage, 'input_tokens') ?? 0,
      cacheRead: countIn(usage, 'cache_read_input_tokens') ?? 0,
      ...writes,
      output: countIn(usage, 'output_tokens') ?? 0,
    },
  };
}

function together(parts: readonly Part[]): MessageParts {
  return { parts: parts.map(({ part }) => part), isKnown: parts.every(({ isKnown }) => isKnown) };
}
