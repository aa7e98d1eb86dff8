import { Worker } from 'node:cluster';
import { AggregatorRegistry, Counter, Registry } from 'prom-client';
import { countWorkers, watchProcess } from './process-metrics';

/** The metrics of one process, in prom-client's format. */
type Snapshot = ReturnType<Registry['getMetricsAsArray']>;

/** A message between processes of the server. */
interface Message {
  readonly tracevault?: string;
}
interface Question extends Message {
  readonly tracevault: 'metrics?';
  readonly id: number;
}
interface Answer extends Message {
  readonly tracevault: 'metrics';
  readonly id: number;
  readonly snapshot: Snapshot;
}

/** The timeout for a worker's response. A worker that is too busy to respond is reported with its previous values. */
const ANSWER_WITHIN_MS = 2_000;

/**
 * Aggregates the metrics of all workers into those of one server. The library's own cluster support drops the counts of a
 * worker that exits: the sums would decrease, and Prometheus treats a counter that decreases as reset and counts its whole
 * value again (prometheus/client_js#385). Therefore the last counts of exited workers stay in the sums.
 */
export class WorkersMetrics {
  readonly crashes: Counter;
  private readonly own = new Registry();
  private readonly latest = new Map<Worker, Snapshot>();
  private readonly waiting = new Map<number, () => void>();
  private ofTheGone: Snapshot = [];
  private questions = 0;

  constructor(wanted: number, ready: () => number) {
    watchProcess(this.own);
    this.crashes = countWorkers(this.own, wanted, ready);
  }

  /** Starts to include a worker; to be called when it is forked. */
  follow(worker: Worker): void {
    worker.on('message', (message: Message) => {
      if (!isAnswer(message) || !this.latest.has(worker)) return; // its last message can arrive after its exit
      this.latest.set(worker, message.snapshot);
      this.waiting.get(message.id)?.();
    });
    worker.once('exit', () => {
      const counted = (this.latest.get(worker) ?? []).filter(({ type }) => String(type) !== 'gauge');
      this.latest.delete(worker);
      this.ofTheGone = AggregatorRegistry.aggregate([this.ofTheGone, counted]).getMetricsAsArray();
    });
    this.latest.set(worker, []);
  }

  /** Returns the metrics of all workers in Prometheus's text format, within two seconds. */
  async read(): Promise<string> {
    await Promise.all([...this.latest.keys()].map((worker) => this.ask(worker)));
    const own = await this.own.getMetricsAsJSON();
    return AggregatorRegistry.aggregate([this.ofTheGone, ...this.latest.values(), own]).metrics();
  }

  private async ask(worker: Worker): Promise<void> {
    if (!worker.isConnected()) return;
    const id = this.questions++;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ANSWER_WITHIN_MS);
      worker.once('exit', resolve);
      this.waiting.set(id, () => {
        clearTimeout(timer);
        worker.off('exit', resolve);
        resolve();
      });
      const question: Question = { tracevault: 'metrics?', id };
      worker.send(question, () => undefined);
    });
    this.waiting.delete(id);
  }
}

/** Responds, in a worker, to the primary's requests for its metrics. */
export function answerPrimary(registry: Registry): void {
  process.on('message', (message: Message) => {
    if (!isQuestion(message)) return;
    void registry.getMetricsAsJSON().then((snapshot) => {
      const answer: Answer = { tracevault: 'metrics', id: message.id, snapshot };
      process.send?.(answer, undefined, undefined, () => undefined); // the primary may have exited
    });
  });
}

function isQuestion(message: Message): message is Question {
  return message.tracevault === 'metrics?';
}

function isAnswer(message: Message): message is Answer {
  return message.tracevault === 'metrics';
}
