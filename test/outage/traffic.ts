import type { Answer } from '../jar.ts';

/** What came of a sort of request, while the database came and went. */
export type Tally = {
  answered: number;
  /** 503 with `Retry-After`, in the form that was asked for. */
  refused: number;
  /** Anything else, and no answer at all: in words, the first few. */
  readonly wrong: string[];
  /** Milliseconds of the slowest request. */
  slowest: number;
};

/** A client that asks over and over, whatever the answer is. */
export type Client = { readonly name: string; readonly html?: boolean; ask(turn: number): Promise<Answer> };

export type Traffic = {
  readonly tally: Tally;
  /** Resolves when the clients got so many more good answers. */
  more(count: number, milliseconds: number): Promise<boolean>;
  stop(): Promise<void>;
};

const MAX_WRONG = 10;
const PAUSE_MS = 5;

function isRefusal({ status, headers, text }: Answer, html: boolean): boolean {
  if (status !== 503 || !(Number(headers['retry-after']) > 0)) return false;
  if (html) return String(headers['content-type']).startsWith('text/html') && text.includes('<main');
  return headers['content-type'] === 'application/json' && typeof JSON.parse(text).detail === 'string';
}

/** Starts the clients; each waits for its answer before it asks again. */
export function startTraffic(clients: readonly Client[]): Traffic {
  const tally: Tally = { answered: 0, refused: 0, wrong: [], slowest: 0 };
  let stopped = false;

  function judge(client: Client, answer: Answer): void {
    if (answer.status < 400) tally.answered += 1;
    else if (isRefusal(answer, client.html === true)) tally.refused += 1;
    else if (tally.wrong.length < MAX_WRONG) {
      tally.wrong.push(`${client.name}: ${answer.status} ${answer.text.slice(0, 300)}`);
    }
  }

  async function keepAsking(client: Client): Promise<void> {
    for (let turn = 1; !stopped; turn += 1) {
      const start = performance.now();
      try {
        judge(client, await client.ask(turn));
      } catch (error) {
        if (tally.wrong.length < MAX_WRONG) tally.wrong.push(`${client.name}: ${String(error)}`);
      }
      tally.slowest = Math.max(tally.slowest, performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  const asking = clients.map(keepAsking);
  return {
    tally,
    async more(count, milliseconds) {
      const wanted = tally.answered + count;
      const end = performance.now() + milliseconds;
      while (tally.answered < wanted && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 10));
      return tally.answered >= wanted;
    },
    async stop() {
      stopped = true;
      await Promise.all(asking);
    },
  };
}
