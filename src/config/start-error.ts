/** The server can't start, and the message says by itself why and what to do: it is shown without a stack. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}
