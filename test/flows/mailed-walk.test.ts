import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Jar } from '../jar.ts';
import { mailApp } from '../mail/mail-app.ts';
import { testRounds } from '../processes/rounds.ts';
import { buildFlow, buildPromptStage, buildStage, dummyStage, unique } from './builders.ts';

const app = await mailApp({ env: { VESTIBULE_ADDRESS_FAILURES: '1000000' } });
const prompt = await buildPromptStage(app, {
  username: { type: 'username' },
  email: { type: 'email' },
  password: { type: 'password' },
});
const { slug } = await buildFlow(app, [
  prompt,
  await buildStage(app, '/stages/user_write/', {
    user_creation_mode: 'always_create',
    create_users_as_inactive: true,
  }),
  await buildStage(app, '/stages/email/', { activate_user_on_success: true, recovery_max_attempts: 1000 }),
  await dummyStage(app),
  await buildStage(app, '/stages/user_login/'),
]);

const JARS = 3;
const ROUNDS = testRounds(5);

/** Somebody who was begun: by which browser, and the links that were mailed to them. */
type Person = { readonly username: string; readonly email: string; readonly begunBy: Jar };

const place = { jar: fc.nat(JARS - 1), person: fc.nat(3) };
const kinds = [
  'begin',
  'press',
  'prove',
  'proveWithout',
  'wrong',
  'open',
  'old',
  'again',
  'dummy',
  'nothing',
  'cancel',
] as const;
const step = fc.record({ kind: fc.constantFrom('begin', 'prove', 'press', 'dummy', ...kinds), ...place });
type Step = { readonly kind: (typeof kinds)[number]; readonly jar: number; readonly person: number };

/**
 * A walk, and what shows that somebody may be active, or signed in. It knows less than the engine: what it has not seen
 * must not be; what it has seen need not have worked.
 */
class Walk {
  readonly #jars: Jar[] = Array.from({ length: JARS }, () => app.jar());
  readonly #people: Person[] = [];
  /** Whose address was proved anywhere. */
  readonly proved = new Set<string>();
  /** Whose address was proved in each browser. */
  readonly #provedIn: Set<string>[] = Array.from({ length: JARS }, () => new Set());
  /** Who began in a browser and had their link opened in the same: any answer given there proves them. */
  readonly #openedIn: Set<string>[] = Array.from({ length: JARS }, () => new Set());
  /** Who proved it in each browser, and answered the stage after it there. */
  readonly #finishedIn: Set<string>[] = Array.from({ length: JARS }, () => new Set());

  get people(): readonly Person[] {
    return this.#people;
  }

  mayBeSignedIn(at: number, username: string): boolean {
    return this.#finishedIn[at]?.has(username) === true;
  }

  async #links({ email }: Person): Promise<string[]> {
    const found = () => app.sink.received.filter(({ to }) => to.includes(email));
    const end = performance.now() + 20_000;
    while (found().length === 0) {
      if (performance.now() > end) throw new Error(`No mail came to ${email}.`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return found().map(({ mail }) => new URL(/https:\S+/.exec(mail.text ?? '')?.[0] ?? '').search.slice(1));
  }

  async #begin(at: number): Promise<void> {
    const jar = app.jar();
    this.#jars[at] = jar;
    this.#provedIn[at] = new Set();
    this.#openedIn[at] = new Set();
    this.#finishedIn[at] = new Set();
    const username = unique('mailed');
    const email = `${username}@example.org`;
    await jar.open(slug);
    const { body } = await jar.answer(slug, { username, email, password: `password of ${username}` });
    if (body.component !== 'ak-stage-email') throw new Error(`The flow shows ${String(body.component)}.`);
    this.#people.push({ username, email, begunBy: jar });
  }

  async take({ kind, jar: at, person: of }: Step): Promise<void> {
    const jar = this.#jars[at] ?? app.jar();
    if (kind === 'begin' || this.#people.length === 0) return this.#begin(at);
    if (kind === 'dummy' || kind === 'nothing') return this.#answer(at, kind === 'dummy' ? {} : { is_restored: true });
    if (kind === 'cancel') return void (await jar.ask('GET', '/flows/-/cancel/'));
    const person = this.#people[of % this.#people.length] as Person;
    const links = await this.#links(person);
    const link = (kind === 'old' ? links.at(0) : links.at(-1)) ?? '';
    if (jar === person.begunBy) this.#openedIn[at]?.add(person.username);
    if (kind === 'again') return void (await jar.open(slug, links.at(0)));
    await jar.open(slug, link);
    if (kind === 'open') return;
    await this.#confirm(at, { person, link, kind });
  }

  /** An answer without a link: the stage after the mailed one takes any. */
  async #answer(at: number, reply: Record<string, unknown>): Promise<void> {
    for (const username of this.#provedIn[at] ?? []) this.#finishedIn[at]?.add(username);
    for (const username of this.#openedIn[at] ?? []) {
      this.proved.add(username);
      this.#provedIn[at]?.add(username);
    }
    await this.#jars[at]?.answer(slug, reply);
    // At the mailed stage it sends the mail again; to whom, the walk does not know.
  }

  async #confirm(at: number, { person, link, kind }: { person: Person; link: string; kind: Step['kind'] }) {
    const { email, username, begunBy } = person;
    const own = { password: `own of ${username}`, password_repeat: `own of ${username}` };
    const replies: Partial<Record<Step['kind'], Record<string, string>>> = {
      press: {},
      old: { email, ...own },
      prove: { email, ...own },
      proveWithout: { email },
      wrong: { email: 'eve@example.org', ...own },
    };
    // Who proved it there before stands at the stage after it, which takes any answer.
    for (const name of this.#provedIn[at] ?? []) this.#finishedIn[at]?.add(name);
    // In the browser that began a press is enough, whatever is sent along.
    const jar = this.#jars[at];
    if (jar === begunBy || kind === 'prove' || kind === 'old') {
      this.proved.add(username);
      this.#provedIn[at]?.add(username);
    }
    await jar?.answer(slug, { component: 'ak-stage-email', ...replies[kind] }, link);
  }

  async signedIn(at: number): Promise<string | undefined> {
    return (await this.#jars[at]?.ask('GET', '/api/v3/core/users/me/'))?.body.user?.username;
  }
}

test(
  `T17, E09: on any walk with mailed links nobody is active or signed in whose address was not proved, ${ROUNDS} walks`,
  async () => {
    let active = 0;
    let signedIn = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 40, size: 'max' }), async (steps) => {
        const walk = new Walk();
        const take = async (one: Step): Promise<void> => {
          await walk.take(one);
          const names = walk.people.map(({ username }) => username);
          const rows = await app.ctx.db.query<{ username: string }>(
            'select username from users where is_active and username = any($1)',
            [names],
          );
          expect(rows.filter(({ username }) => !walk.proved.has(username))).toEqual([]);
          active += rows.length;
          for (let at = 0; at < JARS; at += 1) {
            const username = await walk.signedIn(at);
            if (username === undefined) continue;
            signedIn += 1;
            expect(`${username} may: ${walk.mayBeSignedIn(at, username)}`).toBe(`${username} may: true`);
          }
        };
        for (const one of steps) await take(one);
        // Each walk arrives in the end, for one that does not would prove nothing.
        await take({ kind: 'begin', jar: 0, person: 0 });
        await take({ kind: 'prove', jar: 1, person: walk.people.length - 1 });
        await take({ kind: 'dummy', jar: 1, person: 0 });
      }),
      { numRuns: ROUNDS, endOnFailure: true },
    );
    expect(Math.min(active, signedIn)).toBeGreaterThan(0);
  },
  ROUNDS * 60_000,
);
