/** How much of a text is shown before it is asked for. */
export interface Room {
  readonly characters: number;
  readonly lines: number;
}

/** Returns the beginning of a text that has room, or the whole text if it has. */
export function clamp(text: string, { characters, lines }: Room): string {
  let end = Math.min(text.length, characters);
  let at = -1;
  for (let line = 0; line < lines; line += 1) {
    at = text.indexOf('\n', at + 1);
    if (at < 0) break;
  }
  if (at >= 0) end = Math.min(end, at);
  const isInsideCharacter = end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1));
  return text.slice(0, isInsideCharacter ? end - 1 : end);
}
