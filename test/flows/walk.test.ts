import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Jar } from '../jar.ts';
import { executorUrl } from '../jar.ts';
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
  app = await testApp();
  const stages = [
    await invitationStage(app),
    await buildPromptStage(app, { username: { type: 'username' } }),
    await buildPromptStage(app, { alpha: {} }),
    await buildPromptStage(app, { beta: { type: 'number' } }),
    await buildPromptStage(app, { name: {} }),
    await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
    await buildStage(app, '/stages/user_login/'),
  ];
  ({ slug } = await buildFlow(app, stages, { authentication: 'require_unauthenticated' }));
  ({ slug: elsewhere } = await buildFlow(app, [await dummyStage(app)]));
});

/** The forms of the flow, by the field that each asks for. */
const FORMS = ['username', 'alpha', 'beta', 'name'] as const;
const JARS = 3;

type Link = 'single' | 'many' | 'bad' | 'none';
type Step =
  | { readonly kind: 'open'; readonly jar: number; readonly link: Link }
  | { readonly kind: 'answer' | 'twice'; readonly jar: number; readonly form: number; readonly link: Link }
  | { readonly kind: 'right'; readonly jar: number }
  | { readonly kind: 'wrong' | 'cancel' | 'elsewhere' | 'head'; readonly jar: number };

const jar = fc.nat(JARS - 1);
const link = fc.constantFrom<Link>('single', 'many', 'none', 'none', 'bad');
const form = fc.nat(FORMS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('open' as const), jar, link }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('answer' as const, 'twice' as const), jar, form, link }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('right' as const), jar }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom<'wrong' | 'cancel' | 'elsewhere' | 'head'>('wrong', 'cancel', 'elsewhere', 'head'),
      jar,
    }),
  },
);

/** What a browser's plan must be: with which link it began, how many forms were passed, and under which name. */
type Plan = { readonly link: 'single' | 'many'; readonly passed: number; readonly username: string };

type Found = { readonly accounts: readonly string[]; readonly single: number; readonly many: number };

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

  async #answer(index: number, answer: { form: number; link: Link; times: number }): Promise<void> {
    this.#names += 1;
    const username = `${this.#prefix}-${this.#names}`;
    const field = FORMS[answer.form] ?? 'username';
    const values = { username, alpha: 'a', beta: '7', name: 'N' };
    const query = this.#query(answer.link);
    const browser = this.#jars[index] ?? app.jar();
    const reply = { component: 'ak-stage-prompt', [field]: values[field] };
    // The first answer to a plan that is not there only begins it.
    const fresh = this.#begin(index, answer.link);
    if (!fresh && this.#plans[index]?.passed === answer.form) this.#pass(index, username);
    const times = fresh ? 1 : answer.times;
    await Promise.all(Array.from({ length: times }, () => browser.answer(slug, reply, query)));
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
      case 'wrong':
        this.#begin(index, 'none');
        await browser.answer(slug, { component: 'ak-stage-user-login', beta: 'no number', is_active: true });
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

test('T17: on any walk an account exists only if every stage was passed in one plan', async () => {
  let accounts = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 60, size: 'max' }), async (steps) => {
      const walk = new Walk({ single: await invite(app, { single_use: true }), many: await invite(app) });
      for (const one of steps) {
        await walk.take(one);
        expect(await walk.found()).toEqual(walk.expected());
      }
      accounts += walk.expected().accounts.length;
    }),
    { numRuns: 7, endOnFailure: false, interruptAfterTimeLimit: 50_000 },
  );
  // A walk that never arrives would prove nothing.
  expect(accounts).toBeGreaterThan(0);
});
