import { appendFileSync } from 'node:fs';

/** How often a race or a crash is tried: VESTIBULE_TEST_ROUNDS, else a number that `npm test` can afford. */
export function testRounds(otherwise: number): number {
  const text = process.env['VESTIBULE_TEST_ROUNDS'];
  if (text === undefined || text === '') return otherwise;
  const rounds = Number(text);
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('VESTIBULE_TEST_ROUNDS is a number from 1 on.');
  return rounds;
}

/** Hands what was counted to the campaign that runs the test (`scripts/campaign.mjs`); else it is not kept. */
export function reportFigures(what: string, figures: Readonly<Record<string, number>>): void {
  const path = process.env['VESTIBULE_CAMPAIGN_FIGURES'];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify({ what, ...figures })}\n`);
}
