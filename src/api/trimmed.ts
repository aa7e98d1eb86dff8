import { Transform } from 'class-transformer';

/** Removes whitespace around a typed or pasted text before validation. */
export const trimmed = Transform(({ value }: { value: unknown }) =>
  typeof value === 'string' ? value.trim() : value,
);
