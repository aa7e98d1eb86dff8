/** What the thread of the embedded database is given at its start. */
export interface ThreadData {
  readonly directory: string;
}

/** What the thread is asked for. */
export type Question =
  | { readonly kind: 'open' }
  /** Messages of PostgreSQL's protocol, one behind the other. */
  | { readonly kind: 'execute'; readonly messages: Uint8Array }
  | { readonly kind: 'close' };

/** A question with the id that its answer has. */
export interface Asking {
  readonly id: number;
  readonly question: Question;
}

export interface Answer {
  readonly id: number;
  /** What PostgreSQL answers, as messages of its protocol; empty for other questions. */
  readonly data: Uint8Array;
  /** Why there is no answer. */
  readonly error?: Error;
}
