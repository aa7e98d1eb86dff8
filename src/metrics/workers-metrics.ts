import { Worker } from 'node:cluster';
import { AggregatorRegistry, Counter, Registry } from 'prom-client';
import { countWorkers, watchProcess } from './process-metrics';

/** What one process counted, as prom-client gives and takes it. */
type Snapshot = ReturnType<Registry['getMetricsAsArray']>;

/** Anything that a process of the server tells another. */
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

/** A worker that is too busy to answer is shown as it was the last time. */
const ANSWER_WITHIN_MS = 2_000;

/**
 * The metrics of all workers as those of one server. The library can ask the workers itself, but forgets what a worker had
 * counted when it dies; the sums would fall, and Prometheus takes a counter that falls for one that began again, and adds
 * all of it once more (prometheus/client_js#385). So the last count of each that is gone stays in the sums.
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

  /** From its fork on. */
  follow(worker: Worker): void {
    worker.on('message', (message: Message) => {
      if (!isAnswer(message) || !this.latest.has(worker)) return; // its last word may come after its end
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

  /** In Prometheus's text format. */
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

/** In a worker: tells its primary what it has counted, whenever that asks. */
export function answerPrimary(registry: Registry): void {
  process.on('message', (message: Message) => {
    if (!isQuestion(message)) return;
    void registry.getMetricsAsJSON().then((snapshot) => {
      const answer: Answer = { tracevault: 'metrics', id: message.id, snapshot };
      process.send?.(answer, undefined, undefined, () => undefined); // a primary that is gone needs none
    });
  });
}

function isQuestion(message: Message): message is Question {
  return message.tracevault === 'metrics?';
}

function isAnswer(message: Message): message is Answer {
  return message.tracevault === 'metrics';
}
