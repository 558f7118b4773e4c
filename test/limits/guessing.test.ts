import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { countQueries } from '../../src/kernel/db/query-count.ts';
import type { TestApp } from '../app.ts';
import { executorUrl } from '../jar.ts';
import { DENIED, buildFlow, dummyStage, invitationStage, invite } from '../flows/builders.ts';
import { reportFigures, testRounds } from '../processes/rounds.ts';
import { appWithAddresses, browserAt, isThrottled } from './addresses.ts';
import { wrongLinks } from './wrong-links.ts';

const ROUNDS = testRounds(120);
// Of many rounds each neighbour is tried, of few every sixth: the suite has to end.
const STEP = ROUNDS >= 1_000 ? 1 : 6;
const LIMIT = 1_000;
const ELSEWHERE = '198.51.100.77';

let app: TestApp;
let slug: string;
beforeAll(async () => {
  app = await appWithAddresses(LIMIT);
  ({ slug } = await buildFlow(app, [await invitationStage(app), await dummyStage(app)]));
});

const DIGITS = '0123456789abcdef';

/** The id with another digit at one place, for each of its places and digits. */
function neighboursOf(id: string): string[] {
  return [...id].flatMap((old, at) =>
    old === '-'
      ? []
      : [...DIGITS].filter((digit) => digit !== old).map((digit) => id.slice(0, at) + digit + id.slice(at + 1)),
  );
}

/** What nobody was given: other lengths and alphabets, what a parser might take for an id, and what it may choke on. */
const oddities = (id: string): string[] => [
  '',
  ' ',
  id.slice(1),
  id.slice(0, -1),
  `${id}0`,
  `0${id}`,
  `${id} ${id}`,
  `${id},${id}`,
  `["${id}"]`,
  `{"pk":"${id}"}`,
  `${id}/`,
  `${id}'--`,
  `${id}%`,
  `${id}\0`,
  `urn:uuid:${id.slice(0, -1)}`,
  id.replaceAll('-', '_'),
  id.replace('-', '\u2010'),
  [...id].toReversed().join(''),
  Buffer.from(id).toString('base64'),
  id.replace(/[0-9]/, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  '0',
  'null',
  'undefined',
  '[object Object]',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '%00',
  '../../',
  'a'.repeat(5_000),
  '-'.repeat(36),
];

/** The query strings that name a wrong link in other ways than one text under one key. */
const spelled = (id: string): string[] => [
  `itoken[]=${id}`,
  `itoken[0]=${id}`,
  `itoken[$ne]=x`,
  `itoken=${randomUUID()}&itoken=${id}`,
  `token=${randomUUID()}`,
  `itoken=&token=${id}`,
  `ITOKEN=${id}`,
  `itoken%00=${id}`,
];

/** A network of its own for every few guesses, so that none of them meets the limit. */
const addressOf = (at: number): string => `2001:db8:${(at >> 8).toString(16)}:${(at & 0xff).toString(16)}::1`;

test(
  `T07: ${ROUNDS} random ids, neighbours, other spellings, long ones and arrays are denied in the same bytes`,
  async () => {
    const { pk, query } = await invite(app);
    const random = Array.from({ length: ROUNDS }, () => randomUUID());
    const raw = Array.from({ length: 20 }, () => randomBytes(16).toString('hex'));
    const texts = [...random, ...raw, ...neighboursOf(pk).filter((_, at) => at % STEP === 0), ...oddities(pk)].map(
      (token) => `itoken=${encodeURIComponent(token)}`,
    );
    const guesses = [...texts, ...spelled(pk)];
    const answers = new Set<string>();
    const meanwhile = new Set<string>();
    for (const [at, guess] of guesses.entries()) {
      const { status, text } = await browserAt(app, addressOf(at)).open(slug, guess);
      answers.add(`${status} ${text}`);
      if (at % 50 === 0) meanwhile.add((await browserAt(app, ELSEWHERE).open(slug, query)).body.component);
    }
    expect([...meanwhile]).toEqual(['ak-stage-dummy']);
    expect(answers.size).toBe(1);
    expect([...answers][0]).toContain(DENIED);
    reportFigures('wrong links', { tried: guesses.length, answers: answers.size });
  },
  ROUNDS * 100 + 60_000,
);

test('T07: whoever guesses from one network is refused after the limit, and a valid link works from elsewhere', async () => {
  const few = await appWithAddresses(8);
  const flow = await buildFlow(few, [await invitationStage(few), await dummyStage(few)]);
  const { pk, query } = await invite(few);
  const guesses = neighboursOf(pk).slice(0, 60);
  const answers = [];
  for (const guess of guesses) answers.push(await browserAt(few, '203.0.113.9').open(flow.slug, `itoken=${guess}`));
  expect(answers.slice(0, 8).every(({ body }) => body.component === DENIED)).toBe(true);
  expect(answers.slice(8).every(isThrottled)).toBe(true);
  expect(isThrottled(await browserAt(few, '203.0.113.9').open(flow.slug, query))).toBe(true);
  expect((await browserAt(few, ELSEWHERE).open(flow.slug, query)).body.component).toBe('ak-stage-dummy');
});

describe('T07: a wrong link is looked for by as many statements, whatever is wrong with it,', () => {
  // The first of a network adds a row that the others change.
  const statements = async (path: string): Promise<number> => {
    const browser = browserAt(app, '203.0.113.77');
    return (await countQueries(() => browser.ask('GET', path))).queries;
  };

  test('by the executor', async () => {
    const { everywhere, told } = await wrongLinks(app, slug);
    const kinds = Object.entries({ ...everywhere, ...told });
    for (const [, query] of kinds) await statements(executorUrl(slug, `itoken=${query()}`));
    const counts: [string, number][] = [];
    for (const [kind, query] of kinds) counts.push([kind, await statements(executorUrl(slug, `itoken=${query()}`))]);
    const [[, expected] = ['', 0]] = counts;
    expect(expected).toBeGreaterThan(2);
    expect(counts).toEqual(kinds.map(([kind]) => [kind, expected]));
  });

  test('by the page, but for what it tells to who holds the link', async () => {
    const kinds = Object.entries((await wrongLinks(app, slug)).everywhere);
    const pathOf = (query: string): string => `/if/flow/${slug}/?itoken=${query}`;
    for (const [, query] of kinds) await statements(pathOf(query()));
    const counts: [string, number][] = [];
    for (const [kind, query] of kinds) counts.push([kind, await statements(pathOf(query()))]);
    const [[, expected] = ['', 0]] = counts;
    expect(counts).toEqual(kinds.map(([kind]) => [kind, expected]));
  });
});
