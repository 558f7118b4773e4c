import { setFlagsFromString } from 'node:v8';

// Percent by which the heap may outgrow what lived after the last collection, before the next one.
const GROWTH = 100;

/**
 * Keeps the memory of a process that runs for long near what it needs. By itself V8 lets a small heap grow fourfold before
 * it collects: some 100 MB more, for no throughput that could be measured (docs/performance.md, Memory).
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
