import { CliError } from './cli-error';
import { Credentials, hasExpired } from './credentials-file';

/** How long the server may take to say something that is shown beside, in milliseconds. */
const WITHIN_MS = 3_000;

/** Asks the server for something that is shown beside what the command is for; undefined if the server can't be asked. */
export async function aside<Answer>(
  credentials: Credentials,
  ask: (withinMs: number) => Promise<Answer>,
): Promise<Answer | undefined> {
  if (hasExpired(credentials)) return undefined;
  try {
    return await ask(WITHIN_MS);
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}
