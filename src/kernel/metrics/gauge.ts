import type { Context } from '../context.ts';
import { extensionPoint } from '../feature.ts';
import { formatSample } from './text.ts';

/** A value that is looked at when it is asked for. */
export type Gauge = {
  readonly name: string;
  readonly help: string;
  /** Each with its labels as written in the text format, such as `state="idle"`. */
  readonly samples: readonly { readonly labels?: readonly string[]; readonly value: number }[];
};

/** Where gauges come from; `read` may ask the database and must not throw for one that is away. */
export type GaugeSource = { readonly name: string; read(ctx: Context): Promise<readonly Gauge[]> };

export const gaugeSource = extensionPoint<GaugeSource>('gauge-source', (value) => value.name);

/** One family in the text format. */
export function gaugeText({ name, help, samples }: Gauge): string {
  const lines = samples.map(({ labels = [], value }) => formatSample(name, labels, value));
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines, ''].join('\n');
}
