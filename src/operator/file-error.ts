import { QueryFailedError } from 'typeorm';
import { FileExistsError } from '../files/whole-file';

/** Describes a file error in words that follow the file's name; returns undefined for an error that is not about a file. */
export function fileErrorOf(error: unknown): string | undefined {
  if (error instanceof FileExistsError) return 'is there already: choose another name, or remove it';
  if (error instanceof QueryFailedError) return undefined;
  const { code, syscall, message } = Object(error) as Partial<NodeJS.ErrnoException>;
  return syscall === undefined ? undefined : `can't be used (${code ?? message ?? 'unknown error'})`;
}
