import { DestinationStream, destination } from 'pino';

/** What a pipe takes in one piece (PIPE_BUF): lines of several workers that share one stay whole. */
const PIECE_BYTES = 4096;

/**
 * Standard output, written once for all lines of a turn of the event loop: a busy server logs many requests in one, and
 * each write is a system call. Nothing waits longer than its turn, and what waits when the process ends is written then.
 */
export function logOutput(): DestinationStream {
  const output = destination({ dest: 1, sync: true });
  let waiting = '';
  let bytes = 0;
  let scheduled: NodeJS.Immediate | undefined;

  const flush = (): void => {
    clearImmediate(scheduled);
    scheduled = undefined;
    if (bytes === 0) return;
    const lines = waiting;
    [waiting, bytes] = ['', 0];
    output.write(lines);
  };
  process.once('exit', flush);

  return {
    write(line) {
      const length = Buffer.byteLength(line);
      if (bytes + length > PIECE_BYTES) flush();
      waiting += line;
      bytes += length;
      scheduled ??= setImmediate(flush);
    },
  };
}
