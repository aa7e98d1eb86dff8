/** What a pressed key is typed into, or belongs to. */
const OWNERS = 'input, select, textarea, [role=menu]';

/** Tells whether a key that was pressed is a command to the page: not typed into a field, and no shortcut of the browser. */
export function isCommand({ metaKey, ctrlKey, altKey, defaultPrevented, target }: KeyboardEvent): boolean {
  if (metaKey || ctrlKey || altKey || defaultPrevented) return false;
  return !(target instanceof Element && target.closest(OWNERS) !== null);
}

/** Tells whether a question or a drawer is open over the page. */
export function isDialogOpen(): boolean {
  return document.querySelector('dialog[open]') !== null;
}
