import { QueryFailedError } from 'typeorm';
import { FileExistsError } from '../files/whole-file';

/** What is the matter with a file, to be read after its name; undefined for what is not about a file. */
export function fault(error: unknown): string | undefined {
  if (error instanceof FileExistsError) return 'is there already: choose another name, or remove it';
  if (!(error instanceof Error) || error instanceof QueryFailedError) return undefined;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? undefined : `can't be used (${code ?? error.message})`;
}
