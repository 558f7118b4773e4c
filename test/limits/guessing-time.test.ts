import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { executorUrl } from '../jar.ts';
import { buildFlow, dummyStage, invitationStage } from '../flows/builders.ts';
import { reportFigures, testRounds } from '../processes/rounds.ts';
import { appWithAddresses } from './addresses.ts';
import { median, ratiosOf } from './median.ts';
import type { Pair } from './median.ts';
import { BASE, wrongLinks } from './wrong-links.ts';
import type { Kinds } from './wrong-links.ts';

// Eight links of a campaign make one pair of each kind.
const PAIRS = Math.max(3, Math.floor(testRounds(24) / 8));
const WARMING = Math.ceil(PAIRS / 10);
const MOST = 1_000_000;

// Of one network whose failures are counted already: each wrong link is counted by the same statement.
// Without the check of every answer against the contract, which takes longer than the answer.
const app = await appWithAddresses(MOST, { observe: () => [] });
const { slug } = await buildFlow(app, [await invitationStage(app), await dummyStage(app)]);
const origin = await app.http.listen({ host: '127.0.0.1', port: 0 });
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
afterAll(() => agent.destroy());

type Timed = { readonly text: string; readonly milliseconds: number };

/** One request on the one connection, by a browser without cookies. */
function ask(path: string): Promise<Timed> {
  const headers = { accept: '*/*', 'x-forwarded-for': '203.0.113.9' };
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const sent = request(`${origin}${path}`, { agent, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const text = `${answer.statusCode} ${Buffer.concat(parts).toString()}`;
        resolve({ text, milliseconds: performance.now() - from });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((item) => ({ item, at: randomBytes(4).readUInt32BE() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);

/** What makes two answers differ that is no answer to a link: a page's nonce, its id, and what it was asked. */
const alike = (text: string): string =>
  text.replaceAll(/nonce="[^"]*"|itoken(=|%3D)[^"&\\]*((&amp;|&|\\u0026|%26)secret(=|%3D)[^"&\\]*)?/g, '');

/** Measures each kind and the base one right after the other, in random order, over and over. */
async function compare(kinds: Kinds, pathOf: (query: string) => string) {
  const pairs = new Map<string, Pair[]>(Object.keys(kinds).map((kind) => [kind, []]));
  const texts = new Set<string>();
  const one = async (kind: string): Promise<number> => {
    const { text, milliseconds } = await ask(pathOf(`itoken=${kinds[kind]?.() ?? ''}`));
    texts.add(alike(text));
    return milliseconds;
  };
  for (let round = -WARMING; round < PAIRS; round += 1) {
    for (const kind of shuffled([...pairs.keys()])) {
      const isFirst = randomBytes(1).readUInt8() < 128;
      const [before, after] = [await one(isFirst ? kind : BASE), await one(isFirst ? BASE : kind)];
      if (round >= 0) pairs.get(kind)?.push(isFirst ? { own: before, base: after } : { own: after, base: before });
    }
  }
  return { pairs, texts };
}

function report(where: string, pairs: ReadonlyMap<string, readonly Pair[]>): void {
  const ratios = ratiosOf([...pairs.values()]);
  for (const [at, [kind, list]] of [...pairs].entries()) {
    const found = ratios[at];
    if (!found) throw new Error(`Nothing was found of ${kind}.`);
    const { ratio, low, high } = found;
    reportFigures(`time of ${where}: ${kind}, against one that is unknown`, {
      pairs: list.length,
      'median in µs': Math.round(median(list.map(({ own }) => own)) * 1000),
      'ratio of the medians': Number(ratio.toFixed(4)),
      'from (95 %)': Number(low.toFixed(4)),
      'to (95 %)': Number(high.toFixed(4)),
    });
  }
}

test(
  `T07: wrong links of every kind are denied in the same bytes; ${PAIRS} pairs of each are timed for campaign:guesses`,
  async () => {
    const { everywhere, told } = await wrongLinks(app, slug);
    const { pairs, texts } = await compare({ ...everywhere, ...told }, (query) => executorUrl(slug, query));
    expect(texts.size).toBe(1);
    report('the executor', pairs);
    // The first page tells what became of one that is over to who holds its link.
    const page = await compare(everywhere, (query) => `/if/flow/${slug}/?${query}`);
    expect([...page.texts]).toHaveLength(1);
    report('the page', page.pairs);
  },
  PAIRS * 1_500 + 60_000,
);
