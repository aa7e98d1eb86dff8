import { KeyObject } from 'node:crypto';

/**
 * Freezes a plain object recursively.
 * @returns the same object.
 */
export function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null && !(child instanceof KeyObject))
      deepFreeze(child as object);
  }
  return Object.freeze(value);
}
