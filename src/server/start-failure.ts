import { CliError } from '../cli/cli-error';
import { StartError } from '../config/start-error';

/** Describes why the server didn't start, for the terminal: what to do if the cause is known, the stack trace if it isn't. */
export function startFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof StartError || error instanceof CliError) return error.message;
  const { code, port, syscall } = error as NodeJS.ErrnoException & { port?: number };
  const isListening = syscall === 'listen' || syscall === 'bind'; // node:cluster reports 'bind'
  if (isListening && code === 'EADDRINUSE') {
    return `Port ${port ?? ''} is in use. Stop the other process, or set PORT to a free one.`;
  }
  if (isListening) return `It can't listen there (${code ?? error.message}). Check HOST and PORT.`;
  return error.stack ?? error.message;
}
