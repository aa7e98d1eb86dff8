import { validateHeaderName, validateHeaderValue } from 'node:http';
import { Rule } from './env-rules';

type Pairs = Readonly<Record<string, string>>;

export const anyText: Rule<string> = { takes: 'any text', problemOf: () => undefined, read: (text) => text };

/** The rule for the protocol of OTLP. What is refused gets the variable that is to be set instead. */
export const otlpProtocol: Rule<string> = {
  takes: '`http/json`, `http/protobuf`',
  problemOf: (text) =>
    ['http/json', 'http/protobuf'].includes(text)
      ? undefined
      : 'must be http/json or http/protobuf, because spans are sent over HTTP alone; set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/json and an endpoint that speaks OTLP over HTTP (a collector has it on port 4318)',
  read: (text) => text,
};

/** The rule for pairs of names and values: `name=value`, comma-separated, with what is special percent-encoded. */
export const textPairs: Rule<Pairs> = {
  takes: '`name=value`, comma-separated',
  problemOf: (text) =>
    pairsOf(text) === undefined
      ? 'must be name=value, comma-separated, with a comma or a percent sign in a value percent-encoded (%2C, %25)'
      : undefined,
  read: (text) => Object.fromEntries(pairsOf(text) ?? []),
};

/** The rule for such pairs that are headers. */
export const headerPairs: Rule<Pairs> = {
  takes: textPairs.takes,
  problemOf: (text, variable) =>
    textPairs.problemOf(text, variable) ??
    ((pairsOf(text) ?? []).every(isHeader)
      ? undefined
      : 'must have names and values that an HTTP header can have'),
  read: (text) =>
    Object.fromEntries((pairsOf(text) ?? []).map(([name, value]) => [name.toLowerCase(), value])),
};

/** Reads pairs. Empty ones between commas are left out. @returns undefined for anything else. */
function pairsOf(text: string): [name: string, value: string][] | undefined {
  const pairs = text
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => /^([^=]*[^=\s])\s*=\s*(.*)$/s.exec(pair));
  if (pairs.some((pair) => pair === null)) return undefined;
  try {
    return pairs.map((pair) => [decodeURIComponent(pair?.[1] ?? ''), decodeURIComponent(pair?.[2] ?? '')]);
  } catch {
    return undefined; // a percent sign that encodes nothing
  }
}

function isHeader([name, value]: readonly [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
