// Sets the appearance that the user has chosen, before the page is painted (web/src/app/appearance.svelte.ts).
try {
  const chosen = localStorage.getItem('tracevault.appearance');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.appearance = chosen;
} catch {
  // Where the storage is not accessible, nothing was chosen.
}
