import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { protocol } from '@electric-sql/pglite';
import { Answer, Question, ThreadData } from './database-thread-messages';

/** The built file that the thread runs, beside this one, or in `dist` where this one is not built. */
const BUILT = [
  join(__dirname, 'database-thread-main.js'),
  join(__dirname, '../../dist/src/database/database-thread-main.js'),
];

/**
 * The V8 flags that compile PostgreSQL's 9 MB of WebAssembly with the baseline compiler only, and on one thread. The optimizing
 * compiler needs 500 MB temporarily on Node 24; without it an ordinary query takes no longer, and a statement over 250,000 rows
 * takes 1.5 times as long. Each compiler thread keeps about 10 MB after it has finished.
 */
const COMPILER_FLAGS = [
  '--liftoff-only',
  '--no-wasm-tier-up', // --liftoff-only implies it on the command line, but not here
  '--no-wasm-dynamic-tiering',
  '--wasm-num-compilation-tasks=1',
];

/** The thread's heap for new objects, which would take 20 MB more for nothing: what it works on is in PostgreSQL's own memory. */
const NEW_OBJECTS_MB = 4;

/** The first bytes of the messages of a query that nothing answers before its last one: Parse, Bind, Describe, Execute, Close. */
const WITHOUT_AN_ANSWER: readonly (number | undefined)[] = [...Buffer.from('PBDEC')];

type BackendMessage = Parameters<Parameters<InstanceType<typeof protocol.Parser>['parse']>[1]>[0];

/** A question that the thread has not answered yet. */
interface Asked {
  readonly resolve: (data: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * PostgreSQL (PGlite) in a thread of its own: a query, a checkpoint or a vacuum takes no time of the streams' event loop. It has the
 * members of a PGlite that its adapter to node-postgres uses. The messages of a query are sent to the thread together. An answer is
 * taken behind what else waits in the event loop: Node handles up to 1,000 messages of a thread in one go, and each answer may lead to
 * the next question, which is answered at once.
 */
export class DatabaseThread {
  /** Resolves when the database is open. */
  readonly waitReady: Promise<void>;
  private readonly thread: Worker;
  private readonly asked = new Map<number, Asked>();
  private nextId = 0;
  private unsent: Uint8Array[] = [];
  private failure: Error | undefined;
  private isClosed = false;

  private constructor(directory: string) {
    COMPILER_FLAGS.forEach((flag) => setFlagsFromString(flag));
    const workerData: ThreadData = { directory };
    const file = BUILT.find((one) => existsSync(one));
    if (file === undefined) throw new Error('The embedded database is not built. Run: npm run build');
    this.thread = new Worker(file, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: NEW_OBJECTS_MB },
    });
    this.thread.on('message', (answer: Answer) => setImmediate(() => this.take(answer)));
    this.thread.once('error', (error) => this.fail(error));
    this.thread.once('exit', () => this.fail(new Error('The thread of the embedded database has ended')));
    this.waitReady = this.ask({ kind: 'open' }).then(() => undefined);
  }

  /** Opens the database in a directory; PGlite creates one in an empty directory. */
  static async open(directory: string): Promise<DatabaseThread> {
    const thread = new DatabaseThread(directory);
    try {
      await thread.waitReady;
      return thread;
    } catch (error) {
      await thread.thread.terminate();
      throw error;
    }
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** Executes protocol messages; node-postgres uses no other method. It gets the answers of a query with its last message. */
  async execProtocolStream(message: Uint8Array): Promise<BackendMessage[]> {
    this.unsent.push(message);
    if (WITHOUT_AN_ANSWER.includes(message[0])) return [];
    const messages = Buffer.concat(this.unsent);
    this.unsent = [];
    const data = await this.ask({ kind: 'execute', messages });
    const answers: BackendMessage[] = [];
    new protocol.Parser().parse(data, (answer) => answers.push(answer));
    return answers;
  }

  /** Closes the database, and ends the thread. */
  async close(): Promise<void> {
    this.isClosed = true;
    try {
      await this.ask({ kind: 'close' });
    } finally {
      await this.thread.terminate();
    }
  }

  private ask(question: Question): Promise<Uint8Array> {
    const { failure } = this;
    if (failure !== undefined) return Promise.reject(failure);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      if (this.asked.size === 0) this.thread.ref();
      this.asked.set(id, { resolve, reject });
      this.thread.postMessage({ id, question });
    });
  }

  private take({ id, data, error }: Answer): void {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    if (this.asked.size === 0) this.thread.unref(); // an open database keeps no process alive
    if (error === undefined) asked?.resolve(data);
    else asked?.reject(error);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.asked.values()) reject(this.failure);
    this.asked.clear();
  }
}
