import { clientName } from '../parts/client-name';

/**
 * What a new token is called unless its owner types something else. A page can't learn the machine's name; the browser and
 * its system tell at least a laptop from a build server when the list is looked through.
 */
export function defaultTokenName(userAgent: string): string {
  const browser = clientName(userAgent);
  return browser === userAgent ? 'Agents on my machine' : `Agents (created in ${browser})`;
}
