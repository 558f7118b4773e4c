/** The median of numbers. */
export function median(numbers: readonly number[] | Float64Array): number {
  const sorted = Float64Array.from(numbers).sort();
  const middle = Math.floor(sorted.length / 2);
  const at = (place: number): number => sorted[place] ?? Number.NaN;
  return sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
}

/** Two times that were measured one right after the other: of what is compared, and of what it is compared with. */
export type Pair = { readonly own: number; readonly base: number };

/** By how much the median of a kind's times is that of the base's, with the 95 % interval of it. */
export type Ratio = { readonly ratio: number; readonly low: number; readonly high: number };

type Logs = { readonly own: readonly number[]; readonly base: readonly number[] };

const SAMPLES = 400;

/** Logarithms of the times as shares of their round's median, so that a slow round counts as much as a quick one. */
function normalised(kinds: readonly (readonly Pair[])[]): Logs[] {
  const rounds = kinds[0]?.length ?? 0;
  const middles = Array.from({ length: rounds }, (_, round) =>
    median(
      kinds.flatMap((pairs) => {
        const pair = pairs[round];
        return pair ? [pair.own, pair.base] : [];
      }),
    ),
  );
  const share = (time: number, round: number): number => Math.log(time / (middles[round] ?? Number.NaN));
  return kinds.map((pairs) => ({
    own: pairs.map(({ own }, round) => share(own, round)),
    base: pairs.map(({ base }, round) => share(base, round)),
  }));
}

/** The logarithm of each kind's ratio, of the rounds that are given. */
function estimate(kinds: readonly Logs[], rounds: readonly number[]): number[] {
  const of = (times: readonly number[]): number[] => rounds.map((round) => times[round] ?? Number.NaN);
  const base = median(kinds.flatMap((kind) => of(kind.base)));
  return kinds.map((kind) => median(of(kind.own)) - base);
}

/**
 * Compares each kind with the base that was measured beside all of them in the same rounds. What slows a whole round down
 * cancels out. The interval: rounds are drawn again and again (bootstrap by percentiles).
 * @param kinds of each as many pairs, one a round, in the order of the rounds
 */
export function ratiosOf(kinds: readonly (readonly Pair[])[]): Ratio[] {
  const logs = normalised(kinds);
  const rounds = Array.from(kinds[0] ?? [], (_, round) => round);
  const drawn = Array.from({ length: SAMPLES }, () =>
    estimate(
      logs,
      rounds.map(() => Math.floor(Math.random() * rounds.length)),
    ),
  );
  return estimate(logs, rounds).map((log, kind) => {
    const sorted = Float64Array.from(drawn, (sample) => sample[kind] ?? Number.NaN).sort();
    const at = (part: number): number => Math.exp(sorted[Math.floor(part * (SAMPLES - 1))] ?? Number.NaN);
    return { ratio: Math.exp(log), low: at(0.025), high: at(0.975) };
  });
}
