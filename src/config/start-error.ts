/** An error that prevents the start. Its message alone says why and what to do, so it is shown without a stack. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}
