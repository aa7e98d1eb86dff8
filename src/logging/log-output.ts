import { DestinationStream, destination } from 'pino';

/** The maximum size of an atomic write to a pipe (PIPE_BUF), so that lines of workers that share a pipe are not interleaved. */
const PIECE_BYTES = 4096;

/**
 * Creates a stream to standard output that batches all lines of one event loop turn: a busy server logs many requests per turn,
 * and each write is a system call. Lines are flushed at the end of the turn, and when the process exits.
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
