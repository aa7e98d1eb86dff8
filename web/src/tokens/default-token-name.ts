import { clientName } from '../ui/client-name';

/**
 * Returns the default name of a new token. A page can't read the machine's name, but the names of the browser and its system
 * at least distinguish a laptop from a build server in the list.
 */
export function defaultTokenName(userAgent: string): string {
  const browser = clientName(userAgent);
  return browser === userAgent ? 'Agents on my machine' : `Agents (created in ${browser})`;
}
