import { isatty } from 'node:tty';

/** The standard streams that were a terminal when the process started. */
const ON_TERMINAL = [0, 1, 2].filter((descriptor) => isatty(descriptor));

/**
 * Tells whether the terminal that the process was started in has been closed. The kernel takes a closed terminal away from all
 * who have it open before it sends SIGHUP.
 */
export function isTerminalClosed(): boolean {
  return ON_TERMINAL.length > 0 && ON_TERMINAL.every((descriptor) => !isatty(descriptor));
}
