/** One step of a recipe: what to do, and the text to copy. */
export interface Step {
  readonly text: string;
  readonly code?: readonly string[];
}

/** How a client is pointed at the proxy. */
export interface Recipe {
  readonly title: string;
  readonly base_url: string;
  readonly steps: readonly Step[];
}
