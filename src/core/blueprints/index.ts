export { keyOf, seed } from './seed.ts';
export type { Seed, SeedEntry } from './seed.ts';
