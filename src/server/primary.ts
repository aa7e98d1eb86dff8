import cluster, { Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from 'pino';
import { Config } from '../config/config';
import { readPricesFile } from '../config/prices-file';
import { StartError } from '../config/start-error';
import { ConfigFiles } from '../config/to-config';
import { serveMetrics } from '../metrics/metrics-server';
import { WorkersMetrics } from '../metrics/workers-metrics';
import { AcceptedFiles, WorkerNews } from './worker';

/** A worker that crashes within this time counts as a repeated failure, so that the next start waits longer. */
const SHORT_LIFE_MS = 60_000;
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;
/** The time after the drain deadline when remaining workers are considered hung and are killed. */
const PATIENCE_MS = 10_000;

/** A worker process, from its fork to its exit. */
interface Running {
  readonly worker: Worker;
  readonly since: number;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Starts the workers, replaces each one that exits, and stops them. The primary itself serves no requests. */
export class Primary {
  private readonly running = new Set<Running>();
  private readonly ready = new Set<Running>();
  private readonly metrics: WorkersMetrics;
  /** How often the workers were told to read the operator's files again. */
  private reloads = 0;
  private stopping = false;
  /** What the operator's files held when they were last free of errors: each new worker starts with it. */
  private files: ConfigFiles;

  /** @param program the path of the program that each worker runs. */
  constructor(
    private readonly config: Config,
    private readonly logger: Logger,
    program: string,
  ) {
    cluster.setupPrimary({ exec: program, args: [] });
    this.files = { providers: config.providers, overrides: config.prices.overrides };
    this.metrics = new WorkersMetrics(config.workers, () => this.ready.size);
  }

  /**
   * Starts the workers, and resolves when all of them are ready. The first one starts alone: it applies the migrations, and
   * whatever prevents its start would prevent every start, so that the reason is reported only once.
   * @throws StartError with the reason why a worker could not start.
   */
  async start(): Promise<void> {
    if (this.config.metrics !== undefined)
      await serveMetrics(this.config.metrics, () => this.metrics.read(), this.logger);
    const first = await this.launch();
    const others = await Promise.all(Array.from({ length: this.config.workers - 1 }, () => this.launch()));
    for (const running of [first, ...others]) void this.keepUp(running);
  }

  /** Drains and stops the workers. @returns the exit code: 0 when all of them exited with 0, otherwise 1. */
  async stop(signal: NodeJS.Signals): Promise<number> {
    this.stopping = true;
    this.logger.info({ signal, workers: this.running.size }, 'Stopping: the workers drain');
    const hanging = setTimeout(
      () => {
        this.logger.warn({ workers: this.running.size }, 'Workers that did not end in time are killed');
        this.kill('SIGKILL');
      },
      this.config.drainSeconds * 1000 + PATIENCE_MS,
    );
    this.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal); // a worker would take SIGHUP for a reload
    const serving = [...this.ready];
    await Promise.all([...this.running].map(({ ended }) => ended));
    clearTimeout(hanging);
    const ends = await Promise.all(serving.map(({ ended }) => ended)); // a worker that was still starting does not count
    return ends.every(({ code }) => code === 0) ? 0 : 1;
  }

  /** Has each worker read the operator's files again; one that is still starting does so when it is ready. */
  reload(): void {
    this.reloads++;
    const { overrides, problems } = readPricesFile(this.config.prices.file, this.config.providers);
    if (problems.length === 0) this.files = { ...this.files, overrides }; // each worker logs the errors
    for (const { worker } of this.ready) worker.process.kill('SIGHUP');
  }

  kill(signal: NodeJS.Signals): void {
    for (const { worker } of this.running) worker.process.kill(signal);
  }

  private launch(): Promise<Running> {
    const { reloads } = this;
    const worker = cluster.fork();
    const accepted: AcceptedFiles = { tracevault: 'files', files: this.files };
    worker.send(accepted, () => undefined); // an error means that it has ended already
    // The worker's last message may arrive after 'exit', but not after 'disconnect'.
    const ended = Promise.all([once(worker, 'exit'), once(worker, 'disconnect')]).then(([exit]) => {
      this.running.delete(running);
      this.ready.delete(running);
      const [code, signal] = exit as [number | null, string | null];
      return { code, signal };
    });
    const running: Running = { worker, since: performance.now(), ended };
    this.running.add(running);
    this.metrics.follow(worker);
    return new Promise((resolve, reject) => {
      let reason: string | undefined;
      worker.on('message', (news: WorkerNews) => {
        if (news.tracevault === 'cannot_start') ({ reason } = news);
        if (news.tracevault !== 'ready') return;
        this.ready.add(running);
        if (this.reloads !== reloads) worker.process.kill('SIGHUP');
        this.logger.debug({ worker: worker.id, pid: worker.process.pid }, 'A worker serves');
        resolve(running);
      });
      void ended.then(({ code, signal }) => {
        reject(new StartError(reason ?? `A worker ended (${signal ?? code ?? 'unknown'}) before it served.`));
      });
    });
  }

  /** Replaces a worker whenever it exits, for as long as the server runs. */
  private async keepUp(running: Running): Promise<void> {
    let shortLives = 0;
    for (;;) {
      const end = await running.ended;
      if (this.stopping) return;
      const isCrash = end.code !== 0;
      if (isCrash) this.metrics.crashes.inc();
      shortLives = isCrash && performance.now() - running.since < SHORT_LIFE_MS ? shortLives + 1 : 0;
      const { id: worker, process: child } = running.worker;
      const facts = { worker, pid: child.pid, ...end, next_in_ms: waitAfter(shortLives) };
      if (isCrash) this.logger.error(facts, 'A worker crashed; another one takes its place');
      else this.logger.info(facts, 'A worker was stopped; another one takes its place');
      await sleep(waitAfter(shortLives));

      for (let next: Running | undefined; next === undefined;) {
        if (this.isStopping()) return;
        next = await this.launch().catch((error: unknown) => this.afterFailedStart(error, ++shortLives));
        if (next !== undefined) running = next;
      }
    }
  }

  /**
   * Logs and waits while other workers are ready, because the cause may pass (an unavailable database, for example). Exits
   * when no worker is left, so that a supervisor notices.
   */
  private async afterFailedStart(error: unknown, failures: number): Promise<undefined> {
    if (this.stopping) return;
    if (this.ready.size === 0) {
      this.logger.fatal({ err: error }, 'No worker is left and none can start; the server ends');
      process.exit(1);
    }
    this.logger.error({ err: error, next_in_ms: waitAfter(failures) }, 'A worker could not start');
    await sleep(waitAfter(failures));
  }

  /** Reads the flag through a method: it can change during an await, which TypeScript's narrowing does not see. */
  private isStopping(): boolean {
    return this.stopping;
  }
}

/** Returns the wait before the next start, in ms; it doubles with each consecutive failure, so that a crash loop is cheap. */
function waitAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), MAX_WAIT_MS);
}
