import { AGENTS_OWN, COMMANDS_OWN, VARIABLES } from './variables';

/** Whitespace, control characters, and format characters such as a byte order mark. */
const UNSEEN = /[\s\p{Cc}\p{Cf}]/gu;
/** Variables that are not this server's, but may be set where it starts. */
const OF_OTHERS = [COMMANDS_OWN, AGENTS_OWN];
const NAMES: ReadonlySet<string> = new Set(Object.keys(VARIABLES));

/**
 * Returns an error for each known variable whose name contains invisible characters, from an editor or a copied page. The
 * server would silently start without the variable.
 */
export function namesWithUnseenCharacters(names: string[]): string[] {
  return names.flatMap((name) => {
    const meant = name.replace(UNSEEN, '');
    if (meant === name || !NAMES.has(meant)) return [];
    const characters = (name.match(UNSEEN) ?? []).map(
      (one) => `U+${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''}`,
    );
    return [
      `${meant} is set under a name with characters that can't be seen (${characters.join(', ')}), and so is not set; ` +
        'write the name again, and save the file as UTF-8 without a byte order mark',
    ];
  });
}

export function unknownNames(names: string[]): string[] {
  const all = [...NAMES].filter((name) => name.startsWith('TRACEVAULT_')).join(', ');
  return names
    .filter(
      (name) =>
        name.startsWith('TRACEVAULT_') && !OF_OTHERS.includes(name) && !NAMES.has(name.replace(UNSEEN, '')),
    )
    .map((name) => `${name} is not a variable of this server; the known ones are ${all}`);
}
