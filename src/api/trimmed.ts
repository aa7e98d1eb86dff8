import { Transform } from 'class-transformer';

/** Whitespace around what people type or paste is cut before it is judged. */
export const trimmed = Transform(({ value }: { value: unknown }) =>
  typeof value === 'string' ? value.trim() : value,
);
