/** The median of numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

const SAMPLES = 500;

const resampled = (numbers: readonly number[]): number[] =>
  numbers.map(() => numbers[Math.floor(Math.random() * numbers.length)] ?? Number.NaN);

/** Between which values the ratio of two medians lies with 95 % confidence (bootstrap by percentiles). */
export function interval(numbers: readonly number[], base: readonly number[]): readonly [number, number] {
  const ratios = Array.from({ length: SAMPLES }, () => median(resampled(numbers)) / median(resampled(base)));
  const sorted = ratios.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (SAMPLES - 1))] ?? Number.NaN;
  return [at(0.025), at(0.975)];
}
