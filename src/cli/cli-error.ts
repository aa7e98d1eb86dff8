/** The exit codes of errors: 1 for a failure, 2 for a usage error. */
export type ExitCode = 1 | 2;

/** An error that is printed to stderr, with an optional hint at what to do. It never contains a token or a key. */
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
