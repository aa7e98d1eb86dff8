import cluster from 'node:cluster';

/** The message in which a worker reports the result of its start to the primary. */
export type WorkerNews =
  { readonly tracevault: 'ready' } | { readonly tracevault: 'cannot_start'; readonly reason: string };

/** Sends news to the primary, and resolves when it has been sent: a process that exits earlier would lose the message. */
export async function tellPrimary(news: WorkerNews): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(news, undefined, undefined, () => resolve()); // an error means that the primary is gone
  });
}

/**
 * Drains the worker as on SIGTERM when the primary dies, because no new connections will come. By default node:cluster would
 * exit immediately and cut off every stream.
 */
export function drainWhenOrphaned(): void {
  const { worker } = cluster;
  worker?.once('disconnect', () => {
    worker.exitedAfterDisconnect = true;
    process.kill(process.pid, 'SIGTERM');
  });
}
