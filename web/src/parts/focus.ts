import { tick } from 'svelte';

/** After a refusal: the first field that it is about, whose message is then read out with it. */
export async function focusFirstInvalid(form: HTMLElement | undefined): Promise<void> {
  await tick();
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

/** Once it is there: what was used may be gone, and the reading goes on here. */
export async function focusOn(element: () => HTMLElement | null | undefined): Promise<void> {
  await tick();
  element()?.focus();
}
