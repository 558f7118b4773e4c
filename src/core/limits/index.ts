export { failuresOfAddress } from './address.ts';
export { attempt, succeed, takeBack } from './attempt.ts';
export type { Limit, Streak, Verdict } from './limit.ts';
export { insist, look, take } from './take.ts';
export { createTurns } from './turns.ts';
