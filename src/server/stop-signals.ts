/** The time in which a second signal counts as the first: Ctrl-C arrives from the terminal and again from npm or the primary. */
const ONE_SIGNAL_MS = 500;

/** Calls `stop` on the first SIGTERM, SIGINT or SIGHUP (a closed terminal), and `stopAtOnce` on a later one. */
export function onStopSignal(stop: (signal: NodeJS.Signals) => void, stopAtOnce: () => void): void {
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
  process.on('SIGHUP', onSignal);
}

/**
 * Exits immediately on a stop signal, for the time of the start, when nothing is open yet. The handlers are necessary: in a
 * container the server is process 1, for which signals have no default action, and a server that waits for its database
 * would ignore them.
 * @returns a function that removes the handlers.
 */
export function endOnStopSignal(): () => void {
  const onTerm = (): never => process.exit(143);
  const onInt = (): never => process.exit(130);
  const onHangUp = (): never => process.exit(129);
  process.on('SIGTERM', onTerm).on('SIGINT', onInt).on('SIGHUP', onHangUp);
  return () => process.off('SIGTERM', onTerm).off('SIGINT', onInt).off('SIGHUP', onHangUp);
}
