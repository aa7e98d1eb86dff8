/**
 * Returns the time of day of a moment on the clock of performance.now(). It is not computed from performance.timeOrigin, which
 * is off after the machine has been asleep.
 */
export function timeOf(moment: number): Date {
  return new Date(Date.now() - (performance.now() - moment));
}
