export { firstStartPart } from './first-start-part.ts';
export type { FirstStartPart } from './first-start-part.ts';
