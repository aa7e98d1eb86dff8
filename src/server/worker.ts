import cluster from 'node:cluster';

/** What a worker tells its primary of its start. */
export type WorkerNews =
  { readonly tracevault: 'ready' } | { readonly tracevault: 'cannot_start'; readonly reason: string };

/** Resolves when it is on its way: who exits before that has said nothing. */
export async function tellPrimary(news: WorkerNews): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(news, undefined, undefined, () => resolve()); // a primary that is gone needs no news
  });
}

/**
 * When the primary dies, nobody brings new connections: what is open runs to its end, as at a SIGTERM. By default
 * node:cluster would exit in that moment and cut every stream off.
 */
export function drainWhenOrphaned(): void {
  const { worker } = cluster;
  worker?.once('disconnect', () => {
    worker.exitedAfterDisconnect = true;
    process.kill(process.pid, 'SIGTERM');
  });
}
