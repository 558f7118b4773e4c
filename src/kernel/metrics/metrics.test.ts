import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { lateness } from './process.ts';

const seen = { name: 'seen_total', help: 'Things seen.', labels: ['kind', 'colour'] } as const;
const took = { name: 'took_seconds', help: 'Time taken.', labels: ['kind'], buckets: [0.1, 1] } as const;

test('a counter adds up for each combination of labels', () => {
  const metrics = createMetrics();
  metrics.count(seen, ['a', 'red']);
  metrics.count(seen, ['a', 'red']);
  metrics.count(seen, ['a', 'blue']);
  expect(metrics.text()).toBe(
    '# HELP seen_total Things seen.\n# TYPE seen_total counter\n' +
      'seen_total{kind="a",colour="red"} 2\nseen_total{kind="a",colour="blue"} 1\n',
  );
});

test('a histogram counts each bucket with those below it, and sums up', () => {
  const metrics = createMetrics();
  for (const seconds of [0.05, 0.1, 0.5, 7]) metrics.observe(took, ['a'], seconds);
  expect(metrics.text().split('\n').slice(2, -1)).toEqual([
    'took_seconds_bucket{kind="a",le="0.1"} 2',
    'took_seconds_bucket{kind="a",le="1"} 3',
    'took_seconds_bucket{kind="a",le="+Inf"} 4',
    'took_seconds_sum{kind="a"} 7.65',
    'took_seconds_count{kind="a"} 4',
  ]);
});

test('labels cannot break out of their line', () => {
  const metrics = createMetrics();
  metrics.count(seen, ['a"} 1\nevil 2', '\\']);
  expect(metrics.text()).toContain('seen_total{kind="a\\"} 1\\nevil 2",colour="\\\\"} 1\n');
});

test('more than 2,000 combinations share one series, so that memory stays bounded', () => {
  const metrics = createMetrics();
  for (let at = 0; at < 2500; at += 1) metrics.count(seen, [String(at), 'red']);
  const lines = metrics.text().trim().split('\n').slice(2);
  expect(lines).toHaveLength(2001);
  expect(lines.at(-1)).toBe('seen_total{kind="(other)",colour="(other)"} 500');
});

test('the delay of the event loop is what it was late, not how often it is looked at', () => {
  expect(lateness(20_100_000)).toBeCloseTo(0.0001);
  expect(lateness(520_000_000)).toBeCloseTo(0.5);
  // As Node says it where nothing was measured yet.
  expect([511, 0, Number.NaN].map(lateness)).toEqual([0, 0, 0]);
});
