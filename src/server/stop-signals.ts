import { isTerminalClosed } from './terminal';

/** The time in which a second signal counts as the first: Ctrl-C arrives from the terminal and again from npm or the primary. */
const ONE_SIGNAL_MS = 500;

/**
 * Calls `stop` on the first SIGTERM, SIGINT or closing of the terminal (SIGHUP), and `stopAtOnce` on a later one. Any other
 * SIGHUP calls `reload`.
 */
export function onSignals(
  stop: (signal: NodeJS.Signals) => void,
  stopAtOnce: () => void,
  reload: () => void,
): void {
  let stoppingSince: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > ONE_SIGNAL_MS) stopAtOnce();
      return;
    }
    stoppingSince = performance.now();
    stop(signal);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('SIGHUP', (signal) => {
    if (isTerminalClosed()) onSignal(signal);
    else reload();
  });
}

/**
 * Exits immediately on a stop signal, for the time of the start, when nothing is open yet. The handlers are necessary: in a
 * container the server is process 1, for which signals have no default action, and a server that waits for its database
 * would ignore them.
 * @returns a function that removes the handlers, and returns whether a SIGHUP has asked for the files to be read again.
 */
export function endOnStopSignal(): () => boolean {
  let mustReload = false;
  const onTerm = (): never => process.exit(143);
  const onInt = (): never => process.exit(130);
  const onHangUp = (): void => {
    if (isTerminalClosed()) process.exit(129);
    mustReload = true;
  };
  process.on('SIGTERM', onTerm).on('SIGINT', onInt).on('SIGHUP', onHangUp);
  return () => {
    process.off('SIGTERM', onTerm).off('SIGINT', onInt).off('SIGHUP', onHangUp);
    return mustReload;
  };
}
