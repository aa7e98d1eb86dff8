/** Returns the id of the key that has signed a seal; undefined if its text does not say it. @param text the seal's text, as JSON. */
export function keyOfSeal(text: string): string | undefined {
  try {
    const { key } = Object(JSON.parse(text)) as { key?: unknown };
    return typeof key === 'string' ? key : undefined;
  } catch {
    return undefined;
  }
}
