/** A sample in the Prometheus text format. */
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The metrics of a server at one moment. */
export class Scrape {
  readonly samples: readonly Sample[];

  private constructor(readonly text: string) {
    this.samples = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map(parse);
  }

  static async from(port: number): Promise<Scrape> {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`No metrics: ${response.status} ${text}`);
    return new Scrape(text);
  }

  /** Returns the sum of all series of a metric that have these labels; 0 if there are none. */
  sum(name: string, labels: Record<string, string> = {}): number {
    return this.samples
      .filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      )
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** The label names of each metric, by metric name. */
  get labelsOf(): Map<string, Set<string>> {
    const all = new Map<string, Set<string>>();
    for (const { name, labels } of this.samples) {
      const known = all.get(name) ?? new Set();
      for (const label of Object.keys(labels)) known.add(label);
      all.set(name, known);
    }
    return all;
  }
}

function parse(line: string): Sample {
  const [, name = '', labels = '', value = ''] = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
  if (name === '') throw new Error(`Not a line of metrics: ${line}`);
  return {
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text]),
    ) as Record<string, string>,
    value: Number(value.replace('Inf', 'Infinity')),
  };
}
