import { Dialect } from '../config/operator-provider';
import { VENDOR_RULES } from './vendor-rules';

const DAY =
  '20\\d\\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])|20\\d\\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])';

/** The end of a snapshot's name: `-20251001`, `@20251001`, `-2025-08-07`, and `@default` of a cloud. */
const SNAPSHOT = new RegExp(`(?:[-@](?:${DAY})|@(?:default|latest))$`);

/**
 * What may stand behind the name of a row with a `*`: a release of the same model. Anything else, a point release or a
 * smaller variant above all, is another model with another price.
 */
const RELEASE = new RegExp(
  `^(?:[-@](?:latest|default|\\d{3}|${DAY})|-(?:preview|exp)(?:-(?:latest|\\d{3,4}|${DAY}|\\d\\d-20\\d\\d|\\d\\d-\\d\\d))?)?$`,
);

/** The names under which a model is looked up. */
export interface ModelNames {
  /** The model's own name, and the same without what a cloud or the vendor's dialect adds to it. */
  readonly exact: readonly string[];
  /** The name without its date; undefined if it has none. */
  readonly undated: string | undefined;
}

export function modelNames(model: string, dialect: Dialect): ModelNames {
  const { prefix, suffix } = VENDOR_RULES[dialect];
  const name = model.trim().toLowerCase();
  const bare = name.replace(prefix, '').replace(suffix, '');
  const undated = bare.replace(SNAPSHOT, '');
  return { exact: [...new Set([name, bare])], undated: undated === bare ? undefined : undated };
}

/** Returns whether a model is the one of that name, or a release of it. */
export function isReleaseOf(model: string, name: string): boolean {
  return model.startsWith(name) && RELEASE.test(model.slice(name.length));
}
