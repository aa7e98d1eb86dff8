import { tick } from 'svelte';

/** Focuses the first invalid field of a form, so that screen readers read out its error message. */
export async function focusFirstInvalid(form: HTMLElement | undefined): Promise<void> {
  await tick();
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

/** Focuses an element once it is rendered, because the focused one may be gone and screen readers have to continue there. */
export async function focusOn(element: () => HTMLElement | null | undefined): Promise<void> {
  await tick();
  element()?.focus();
}
