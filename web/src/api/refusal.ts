/** Why something was not done, in words for the person. */
export interface Refusal {
  /** HTTP's; 0 when there was no answer at all. */
  readonly status: number;
  readonly messages: readonly string[];
}

export const NO_ANSWER: Refusal = {
  status: 0,
  messages: ['TraceVault can’t be reached. Check your connection and that the server runs, then try again.'],
};

/** @param body of the answer, in the API's shape, or in any other when something in between answered. */
export function refusalOf(status: number, body: unknown): Refusal {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  const messages = (Array.isArray(message) ? message : [message]).filter((text) => typeof text === 'string');
  if (messages.length > 0) return { status, messages };
  return {
    status,
    messages: [`Something between this page and TraceVault answered with ${status}. Try again in a moment.`],
  };
}

/** Which message stands at which field; the rest is for the form as a whole. */
export function atFields<Field extends string>(
  { messages }: Refusal,
  about: Readonly<Record<Field, RegExp>>,
): { fields: Partial<Record<Field, string>>; rest: string[] } {
  const fields: Partial<Record<Field, string>> = {};
  const rest: string[] = [];
  for (const message of messages) {
    const field = (Object.keys(about) as Field[]).find((name) => about[name].test(message));
    if (field === undefined) rest.push(message);
    else fields[field] ??= message;
  }
  return { fields, rest };
}
