/** One Ctrl-C can arrive twice: from the terminal, and from npm or the primary, which pass it on. */
const ONE_SIGNAL_MS = 500;

/** The first SIGTERM, SIGINT or SIGHUP (a terminal that is closed) asks to stop; a later one doesn't wait for that. */
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
 * While it starts nothing is open yet, so a signal just ends it. It has to be said: in a container this is process 1, where
 * signals have no default, and a server that waits for its database would not hear that it should stop.
 * @returns what takes that back.
 */
export function endOnStopSignal(): () => void {
  const onTerm = (): never => process.exit(143);
  const onInt = (): never => process.exit(130);
  const onHangUp = (): never => process.exit(129);
  process.on('SIGTERM', onTerm).on('SIGINT', onInt).on('SIGHUP', onHangUp);
  return () => process.off('SIGTERM', onTerm).off('SIGINT', onInt).off('SIGHUP', onHangUp);
}
