import { escapeLabel, formatSample } from './text.ts';

/** What a counter counts. Labels come from bounded sets: names that somebody declared, never what a client sent. */
export type Counter = { readonly name: string; readonly help: string; readonly labels: readonly string[] };

/** A distribution of durations in seconds, over fixed buckets. */
export type Histogram = Counter & { readonly buckets: readonly number[] };

/** The counters and histograms of one process, since its start. */
export type Metrics = {
  /** Adds one. `values` stand in the order of the counter's labels. */
  count(counter: Counter, values: readonly string[]): void;
  observe(histogram: Histogram, values: readonly string[], seconds: number): void;
  /** Everything counted so far in Prometheus' text format 0.0.4. */
  text(): string;
};

/** From 1 ms to 10 s. */
export const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

// A net: whatever gets into a label by mistake does not fill the memory.
const MAX_SERIES = 2000;

// A cell holds one number for a counter; for a histogram the buckets, what lies above them, and the sum.
type Family = { readonly metric: Counter | Histogram; readonly cells: Map<string, Float64Array> };

/** An empty set of counters. */
export function createMetrics(): Metrics {
  const families = new Map<Counter, Family>();

  function cellOf(metric: Counter | Histogram, values: readonly string[]): Float64Array {
    let family = families.get(metric);
    if (!family) families.set(metric, (family = { metric, cells: new Map() }));
    const key = values.join('\0');
    const known = family.cells.get(key);
    if (known) return known;
    if (family.cells.size >= MAX_SERIES && values.length > 0) {
      return family.cells.size === MAX_SERIES ? addCell(family, otherOf(metric)) : cellOfOther(family);
    }
    return addCell(family, key);
  }

  return {
    count(counter, values) {
      const cell = cellOf(counter, values);
      cell[0] = (cell[0] ?? 0) + 1;
    },
    observe(histogram, values, seconds) {
      const cell = cellOf(histogram, values);
      const { buckets } = histogram;
      let at = 0;
      while (at < buckets.length && seconds > (buckets[at] ?? 0)) at += 1;
      cell[at] = (cell[at] ?? 0) + 1;
      cell[buckets.length + 1] = (cell[buckets.length + 1] ?? 0) + seconds;
    },
    text: () => [...families.values()].map(familyText).join(''),
  };
}

const otherOf = ({ labels }: Counter): string => labels.map(() => '(other)').join('\0');

function addCell(family: Family, key: string): Float64Array {
  const { metric } = family;
  const cell = new Float64Array('buckets' in metric ? metric.buckets.length + 2 : 1);
  family.cells.set(key, cell);
  return cell;
}

function cellOfOther(family: Family): Float64Array {
  return family.cells.get(otherOf(family.metric)) ?? addCell(family, otherOf(family.metric));
}

function familyText({ metric, cells }: Family): string {
  const { name, help } = metric;
  const type = 'buckets' in metric ? 'histogram' : 'counter';
  const lines = [...cells].flatMap(([key, cell]) => cellLines(metric, key.split('\0'), cell));
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function cellLines(metric: Counter | Histogram, values: readonly string[], cell: Float64Array): string[] {
  const labels = metric.labels.map((label, at) => `${label}="${escapeLabel(values[at] ?? '')}"`);
  if (!('buckets' in metric)) return [formatSample(metric.name, labels, cell[0] ?? 0)];
  let total = 0;
  const lines = [...metric.buckets, Infinity].map((bound, at) => {
    total += cell[at] ?? 0;
    const le = bound === Infinity ? '+Inf' : String(bound);
    return formatSample(`${metric.name}_bucket`, [...labels, `le="${le}"`], total);
  });
  const sum = cell[metric.buckets.length + 1] ?? 0;
  return [
    ...lines,
    formatSample(`${metric.name}_sum`, labels, sum),
    formatSample(`${metric.name}_count`, labels, total),
  ];
}
