/** What the thread of the embedded database runs: it opens the database, and answers one question after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { Answer, Asking, Question, ThreadData } from './database-thread-messages';

/**
 * The settings for PostgreSQL's memory and write-ahead log. Its defaults are for a dedicated machine: they take 120 MB more in
 * this process, while the operating system caches the database's files anyway. Start parameters override the settings that are
 * stored in the directory, including those of an earlier version. A checkpoint keeps at most `max_wal_size` of the log.
 */
const SETTINGS = [
  'shared_buffers=8MB',
  'wal_buffers=512kB',
  'work_mem=1MB',
  'max_wal_size=64MB',
  'min_wal_size=32MB',
];
const START_PARAMS = [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ['-c', setting])];

const NOTHING = new Uint8Array(0);

const { directory } = workerData as ThreadData;
const pglite = new PGlite(directory, { startParams: START_PARAMS });

/** The answers, which come in the order of the questions. */
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', ({ id, question }: Asking) => {
  last = last.then(async () => parentPort?.postMessage(await answer(id, question)));
});

async function answer(id: number, question: Question): Promise<Answer> {
  try {
    return { id, data: await answerTo(question) };
  } catch (error) {
    return { id, data: NOTHING, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

async function answerTo(question: Question): Promise<Uint8Array> {
  await pglite.waitReady;
  if (question.kind === 'execute') return pglite.execProtocolRaw(question.messages);
  if (question.kind === 'close') await pglite.close();
  return NOTHING;
}
