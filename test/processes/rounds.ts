import { appendFileSync } from 'node:fs';

function whole(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${name} is a number from 1 on.`);
  return number;
}

/** How often a race or a crash is tried: VESTIBULE_TEST_ROUNDS, else a number that `npm test` can afford. */
export function testRounds(otherwise: number): number {
  return whole('VESTIBULE_TEST_ROUNDS', otherwise);
}

/** How many requests a second are sent, where that is given: VESTIBULE_TEST_RATE. */
export function testRate(otherwise: number): number {
  return whole('VESTIBULE_TEST_RATE', otherwise);
}

/** How many people race: VESTIBULE_TEST_PEOPLE. */
export function testPeople(otherwise: number): number {
  return whole('VESTIBULE_TEST_PEOPLE', otherwise);
}

/** Hands what was counted to the campaign that runs the test (`scripts/campaign.mjs`); else it is not kept. */
export function reportFigures(what: string, figures: Readonly<Record<string, number>>): void {
  const path = process.env['VESTIBULE_CAMPAIGN_FIGURES'];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify({ what, ...figures })}\n`);
}
