import cluster from 'node:cluster';
import { ConfigFiles } from '../config/to-config';

/** The message in which a worker reports the result of its start to the primary. */
export type WorkerNews =
  { readonly tracevault: 'ready' } | { readonly tracevault: 'cannot_start'; readonly reason: string };

/** The first message to a worker: what the operator's files held when the primary last read them without an error. */
export interface AcceptedFiles {
  readonly tracevault: 'files';
  readonly files: ConfigFiles;
}

/**
 * Resolves with what the primary has accepted. A worker that read the files itself could not take the place of another one
 * while they have an error, and would price calls otherwise than the others.
 */
export function acceptedFiles(): Promise<ConfigFiles> {
  return new Promise((resolve) => {
    const take = (message: AcceptedFiles | { readonly tracevault: 'metrics?' }): void => {
      if (message.tracevault !== 'files') return;
      process.off('message', take);
      resolve(message.files);
    };
    process.on('message', take);
  });
}

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
