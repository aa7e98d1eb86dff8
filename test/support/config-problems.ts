import { ConfigError } from '../../src/config/env';

/** Returns what is wrong with a configuration. @param load loads it. */
export function problemsIn(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
