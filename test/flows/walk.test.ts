import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Jar } from '../jar.ts';
import { executorUrl } from '../jar.ts';
import { testRounds } from '../processes/rounds.ts';
import {
  buildFlow,
  buildPromptStage,
  buildStage,
  countUses,
  dummyStage,
  invitationStage,
  invite,
  unique,
} from './builders.ts';
import type { Invited } from './builders.ts';

let app: TestApp;
let slug: string;
let elsewhere: string;
beforeAll(async () => {
  // Of many thousand steps some open wrong links, all from one address.
  app = await testApp({ env: { VESTIBULE_ADDRESS_FAILURES: '1000000' } });
  const last = await buildPromptStage(app, { beta: { type: 'number' }, name: {} });
  const stages = [
    await invitationStage(app),
    await buildPromptStage(app, { username: { type: 'username' } }),
    await buildPromptStage(app, { alpha: {} }),
    await dummyStage(app),
    { stage: last, invalid_response_action: 'restart' },
    await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
    await buildStage(app, '/stages/user_login/'),
  ];
  ({ slug } = await buildFlow(app, stages, { authentication: 'require_unauthenticated' }));
  ({ slug: elsewhere } = await buildFlow(app, [await dummyStage(app)]));
});

/** The stages of the flow that ask, by what each asks for. The dummy takes any answer; the last one restarts. */
const FORMS = ['username', 'alpha', 'dummy', 'beta'] as const;
const DUMMY = FORMS.indexOf('dummy');
const LAST = FORMS.length - 1;
const JARS = 3;
const ROUNDS = testRounds(7);
const STEPS = { minLength: 50, maxLength: 60 };

type Link = 'single' | 'many' | 'bad' | 'none';
type Step =
  | { readonly kind: 'open'; readonly jar: number; readonly link: Link }
  | { readonly kind: 'answer' | 'twice'; readonly jar: number; readonly form: number; readonly link: Link }
  | { readonly kind: 'right' | 'form' | 'ahead'; readonly jar: number }
  | { readonly kind: 'wrong' | 'empty' | 'cancel' | 'elsewhere' | 'head'; readonly jar: number };

const jar = fc.nat(JARS - 1);
const link = fc.constantFrom<Link>('single', 'many', 'none', 'none', 'bad');
const form = fc.nat(FORMS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('open' as const), jar, link }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('answer' as const, 'twice' as const), jar, form, link }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('right' as const), jar }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('form' as const, 'ahead' as const), jar }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'wrong' as const,
        'empty' as const,
        'cancel' as const,
        'elsewhere' as const,
        'head' as const,
      ),
      jar,
    }),
  },
);

/** What a browser's plan must be: with which link it began, how many forms were passed, and under which name. */
type Plan = { readonly link: 'single' | 'many'; readonly passed: number; readonly username: string };

type Found = { readonly accounts: readonly string[]; readonly single: number; readonly many: number };

function replyTo(form: number, username: string): Record<string, string> {
  const replies = { username: { username }, alpha: { alpha: 'a' }, dummy: {}, beta: { beta: '7', name: 'N' } };
  return replies[FORMS[form] ?? 'username'];
}

/** A run of the walk beside a model that knows nothing of the engine. */
class Walk {
  readonly #links: Record<'single' | 'many', Invited>;
  readonly #prefix = unique('walk');
  readonly #jars: Jar[] = Array.from({ length: JARS }, () => app.jar());
  readonly #plans: (Plan | undefined)[] = [];
  readonly #accounts: string[] = [];
  #names = 0;
  #used = false;

  constructor(links: Record<'single' | 'many', Invited>) {
    this.#links = links;
  }

  #query(link: Link): string {
    if (link === 'none') return '';
    return link === 'bad' ? 'itoken=00000000-0000-4000-8000-000000000000' : this.#links[link].query;
  }

  /** Which plan a request with that link works on; a second value tells that it only just began. */
  #begin(index: number, link: Link): boolean {
    const plan = this.#plans[index];
    if (plan && (link === 'none' || link === plan.link)) return false;
    const usable = link === 'many' || (link === 'single' && !this.#used);
    this.#plans[index] = usable ? { link, passed: 0, username: '' } : undefined;
    return true;
  }

  #pass(index: number, username: string): void {
    const plan = this.#plans[index];
    if (!plan) return;
    const next = { ...plan, passed: plan.passed + 1, username: plan.passed === 0 ? username : plan.username };
    this.#plans[index] = next;
    if (next.passed < FORMS.length) return;
    this.#plans[index] = undefined;
    this.#jars[index] = app.jar();
    if (next.link === 'single' && this.#used) return;
    if (next.link === 'single') this.#used = true;
    this.#accounts.push(next.username);
  }

  /** What an answer to that form does to the plan; a refused one restarts at the last form, with the link it names. */
  #judge(index: number, form: number | undefined, { link, username }: { link: Link; username: string }): void {
    const plan = this.#plans[index];
    if (!plan) return;
    if (plan.passed === DUMMY || plan.passed === form) this.#pass(index, username);
    else if (plan.passed === LAST) {
      this.#plans[index] = undefined;
      this.#begin(index, link);
    }
  }

  /** Of two requests at once the second may or may not have found what the first one did: what does the page show? */
  async #resolve(index: number, possible: readonly number[], username: string): Promise<void> {
    const plan = this.#plans[index];
    if (!plan) return;
    const { body } = await this.#browser(index).open(slug);
    const shown = FORMS.findIndex((form) =>
      form === 'dummy'
        ? body.component === 'ak-stage-dummy'
        : body.fields?.some((field: { field_key: string }) => field.field_key === form),
    );
    if (!possible.includes(shown)) throw new Error(`Stage ${shown} is shown, not one of ${possible.join()}.`);
    this.#plans[index] = { ...plan, passed: shown, username: plan.username || username };
  }

  #browser(index: number): Jar {
    return this.#jars[index] ?? app.jar();
  }

  #newName(): string {
    this.#names += 1;
    return `${this.#prefix}-${this.#names}`;
  }

  async #answer(index: number, answer: { form: number; link: Link; times: number }): Promise<void> {
    const { form, link } = answer;
    const username = this.#newName();
    const query = this.#query(link);
    const browser = this.#browser(index);
    const reply = { component: 'ak-stage-prompt', ...replyTo(form, username) };
    // The first answer to a plan that is not there only begins it.
    const fresh = this.#begin(index, link);
    const before = this.#plans[index]?.passed;
    if (!fresh) this.#judge(index, form, { link, username });
    // The second answer to the dummy would meet the last form, and pass it or restart the flow: that is luck.
    const times = fresh || before === DUMMY ? 1 : answer.times;
    await Promise.all(Array.from({ length: times }, () => browser.answer(slug, reply, query)));
    if (times === 1) return;
    // The second may have met the dummy, which takes anything, or the first form after a restart.
    if (before === 1 && form === 1) await this.#resolve(index, [DUMMY, DUMMY + 1], username);
    if (before === LAST && form === 0) await this.#resolve(index, [0, 1], username);
  }

  /** The right answer by the page's form, as a browser without JavaScript sends it. */
  async #submitForm(index: number): Promise<void> {
    const form = this.#plans[index]?.passed;
    if (form === undefined) return;
    const username = this.#newName();
    const browser = this.#browser(index);
    this.#judge(index, form, { link: 'none', username });
    await browser.form(`/if/flow/${slug}/`, replyTo(form, username));
  }

  /** The answer to the form that is shown and, at the same moment, that to the one after it. */
  async #answerAhead(index: number): Promise<void> {
    const form = this.#plans[index]?.passed;
    if (form === undefined || form >= DUMMY) return;
    const username = this.#newName();
    const browser = this.#browser(index);
    this.#judge(index, form, { link: 'none', username });
    const send = (at: number) => browser.answer(slug, { component: 'ak-stage-prompt', ...replyTo(at, username) });
    await Promise.all([send(form + 1), send(form)]);
    const furthest = form + 1 === DUMMY ? DUMMY + 1 : form + 2;
    await this.#resolve(index, [form + 1, furthest], username);
  }

  /** An answer that is right for no form; the dummy takes it. */
  async #answerNothing(index: number, reply: Record<string, unknown>): Promise<void> {
    const browser = this.#browser(index);
    if (!this.#begin(index, 'none')) this.#judge(index, undefined, { link: 'none', username: '' });
    await browser.answer(slug, reply);
  }

  async take(step: Step): Promise<void> {
    const { jar: index } = step;
    const browser = this.#jars[index] ?? app.jar();
    switch (step.kind) {
      case 'open':
        this.#begin(index, step.link);
        await browser.open(slug, this.#query(step.link));
        break;
      case 'answer':
      case 'twice':
        await this.#answer(index, { ...step, times: step.kind === 'twice' ? 2 : 1 });
        break;
      case 'right':
        await this.#answer(index, { form: this.#plans[index]?.passed ?? 0, link: 'none', times: 1 });
        break;
      case 'form':
        await this.#submitForm(index);
        break;
      case 'ahead':
        await this.#answerAhead(index);
        break;
      case 'wrong':
        await this.#answerNothing(index, { component: 'ak-stage-user-login', beta: 'no number', is_active: true });
        break;
      case 'empty':
        await this.#answerNothing(index, {});
        break;
      case 'cancel':
        this.#plans[index] = undefined;
        await browser.ask('GET', '/flows/-/cancel/');
        break;
      case 'elsewhere':
        this.#plans[index] = undefined;
        await browser.open(elsewhere);
        break;
      case 'head':
        await browser.ask('HEAD', executorUrl(slug, this.#links.many.query));
        break;
      default:
        step satisfies never;
    }
  }

  /** The accounts there must be, and how often each link was used. */
  expected(): Found {
    const single = this.#used ? 1 : 0;
    return { accounts: [...this.#accounts], single, many: this.#accounts.length - single };
  }

  /** The accounts there are. */
  async found(): Promise<Found> {
    const rows = await app.ctx.db.query<{ username: string }>(
      `select username from users where username like $1 order by id`,
      [`${this.#prefix}-%`],
    );
    const accounts = rows.map((row) => row.username);
    const { single, many } = this.#links;
    return { accounts, single: await countUses(app, single), many: await countUses(app, many) };
  }
}

test(
  `T17: on any walk an account exists only if every stage was passed in one plan, ${ROUNDS} walks`,
  async () => {
    let accounts = 0;
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { ...STEPS, size: 'max' }), async (steps) => {
        const walk = new Walk({ single: await invite(app, { single_use: true }), many: await invite(app) });
        for (const one of steps) {
          await walk.take(one);
          taken += 1;
          expect(await walk.found()).toEqual(walk.expected());
        }
        accounts += walk.expected().accounts.length;
      }),
      { numRuns: ROUNDS, endOnFailure: true },
    );
    expect(taken).toBeGreaterThanOrEqual(ROUNDS * STEPS.minLength);
    // A walk that never arrives would prove nothing.
    expect(accounts).toBeGreaterThan(0);
  },
  ROUNDS * 30_000,
);
