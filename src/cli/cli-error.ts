/** Exit codes: 0 done, 1 failed, 2 not understood. */
export type ExitCode = 1 | 2;

/** What the person is told on stderr, and what to do about it. Never holds a token or a key. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    readonly hint?: string,
    readonly exitCode: ExitCode = 1,
  ) {
    super(message);
  }
}
