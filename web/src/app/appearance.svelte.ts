/** The appearances to choose from: value and label. */
export const APPEARANCES = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;

/** The storage key, which public/appearance.js reads before the page is painted. */
const STORED_AS = 'tracevault.appearance';

/** Whether the pages are light or dark, in this browser. */
class Appearance {
  value = $state<string>(document.documentElement.dataset.appearance ?? 'system');

  choose(value: string): void {
    this.value = value;
    const { dataset } = document.documentElement;
    if (value === 'system') delete dataset.appearance;
    else dataset.appearance = value;
    try {
      if (value === 'system') localStorage.removeItem(STORED_AS);
      else localStorage.setItem(STORED_AS, value);
    } catch {
      // Where the storage is not accessible, the choice holds until the page is loaded again.
    }
  }
}

export const appearance = new Appearance();
