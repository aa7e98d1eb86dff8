export type JsonObject = Readonly<Record<string, unknown>>;

/** Usage that is there and can't be understood: a number of tokens that is none. */
export class UnreadableUsageError extends Error {}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a member that is an object; undefined for any other. */
export function objectIn(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = object?.[name];
  return isObject(value) ? value : undefined;
}

/** Returns the objects in a member that is an array; none for any other member. */
export function objectsIn(object: JsonObject | undefined, name: string): readonly JsonObject[] {
  const value = object?.[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Returns a member that is a text and not empty; undefined for any other. */
export function textIn(object: JsonObject | undefined, name: string): string | undefined {
  const value = object?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Returns a number of tokens, of requests, ...; undefined if the member is missing or null.
 * @throws UnreadableUsageError if it is something else: taking it for zero would be a wrong bill.
 */
export function countIn(object: JsonObject | undefined, name: string): number | undefined {
  const value = object?.[name];
  if (value === undefined || value === null) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new UnreadableUsageError(name);
  return value as number;
}
