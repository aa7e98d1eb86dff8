import { QueryFailedError } from 'typeorm';
import { FileExistsError } from '../files/whole-file';

/** What is the matter with a file, to be read after its name; undefined for what is not about a file. */
export function fileErrorOf(error: unknown): string | undefined {
  if (error instanceof FileExistsError) return 'is there already: choose another name, or remove it';
  if (error instanceof QueryFailedError) return undefined;
  const { code, syscall, message } = Object(error) as Partial<NodeJS.ErrnoException>;
  return syscall === undefined ? undefined : `can't be used (${code ?? message ?? 'unknown error'})`;
}
