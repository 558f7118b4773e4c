import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Answer } from '../jar.ts';
import {
  DENIED,
  countUses,
  credentials,
  enrollmentFlow,
  findUser,
  giveDetails,
  invite,
  planIn,
  toDetails,
  unique,
} from './builders.ts';
import type { BuiltFlow } from './builders.ts';

let app: TestApp;
let flow: BuiltFlow;
beforeAll(async () => {
  app = await testApp();
  flow = await enrollmentFlow(app);
});

/** Two invitations for the same flow, each with data of its own. */
async function pair(single_use = true) {
  const of = (who: string) => ({
    single_use,
    fixed_data: { email: `${who}@example.com`, attributes: { [who]: `${who}-canary` } },
  });
  const [first, second] = [await invite(app, of('first')), await invite(app, of('second'))];
  return { first, second };
}

const firstFields = (answer: Answer): string[] =>
  answer.body.fields.map((field: { field_key: string }) => field.field_key);

describe('D17, T18: a second link in the same browser', () => {
  test('starts afresh and never shows, nor keeps, what was the first one’s', async () => {
    const { first, second } = await pair();
    const jar = app.jar();
    const shown = await toDetails(jar, { slug: flow.slug, query: first.query }, unique('first'));
    expect(shown.text).toContain('first@example.com');
    const reopened = await jar.open(flow.slug, second.query);
    expect(firstFields(reopened)).toContain('username');
    expect(JSON.stringify(await planIn(app, jar))).not.toContain('first');
    const username = unique('second');
    const details = await jar.answer(flow.slug, credentials(username), second.query);
    expect(details.text).toContain('second@example.com');
    expect(details.text).not.toContain('first@example.com');
    await giveDetails(jar, { slug: flow.slug, query: second.query }, { email: 'second@example.com' });
    expect(await findUser(app, username)).toMatchObject({ attributes: { second: 'second-canary' } });
    expect((await findUser(app, username))?.['attributes']).not.toHaveProperty('first');
    expect([await countUses(app, first), await countUses(app, second)]).toEqual([0, 1]);
  });

  test('shows nothing of the first one when it is itself worth nothing', async () => {
    const { first } = await pair();
    const jar = app.jar();
    await toDetails(jar, { slug: flow.slug, query: first.query }, unique('first'));
    const refused = await jar.open(flow.slug, 'itoken=11111111-1111-4111-8111-111111111111');
    expect(refused.body.component).toBe(DENIED);
    expect(refused.text).not.toContain('first');
  });

  test('spelled otherwise but the same goes on with the plan', async () => {
    const { first } = await pair();
    const jar = app.jar();
    const username = unique('same');
    await toDetails(jar, { slug: flow.slug, query: first.query }, username);
    const hex = `itoken=${first.pk.replaceAll('-', '').toUpperCase()}`;
    expect(firstFields(await jar.open(flow.slug, hex))).toContain('email');
    // The page takes the token out of the address, so a request without one goes on as well.
    expect(firstFields(await jar.open(flow.slug))).toContain('email');
  });

  test('is another one also under the query key token', async () => {
    const { first, second } = await pair();
    const jar = app.jar();
    await toDetails(jar, { slug: flow.slug, query: `token=${first.pk}` }, unique('first'));
    const reopened = await jar.open(flow.slug, `token=${second.pk}`);
    expect(firstFields(reopened)).toContain('username');
    expect(JSON.stringify(await planIn(app, jar))).not.toContain('first');
  });

  test('in another tab leaves the first tab with nothing to finish', async () => {
    const { first, second } = await pair();
    const jar = app.jar();
    const [one, two] = [unique('tab-one'), unique('tab-two')];
    await toDetails(jar, { slug: flow.slug, query: first.query }, one);
    await toDetails(jar, { slug: flow.slug, query: second.query }, two);
    // The first tab sends its last form: it names another link, so its flow begins again.
    const answer = await giveDetails(jar, { slug: flow.slug, query: first.query });
    expect(firstFields(answer)).toContain('username');
    expect(await findUser(app, one)).toBeUndefined();
    expect(await findUser(app, two)).toBeUndefined();
    expect([await countUses(app, first), await countUses(app, second)]).toEqual([0, 0]);
  });
});

describe('T18: two flows in one browser', () => {
  test('(19) the plan of another flow is dropped, and nothing of it is left', async () => {
    const open = await enrollmentFlow(app, { open: true });
    const { first } = await pair();
    const jar = app.jar();
    await toDetails(jar, { slug: flow.slug, query: first.query }, unique('bleeding'));
    expect(firstFields(await jar.open(open.slug))).toContain('username');
    const plan = await planIn(app, jar);
    expect(plan).toMatchObject({ flow: open.pk, context: {}, commits: [] });
    const username = unique('without');
    await toDetails(jar, open, username);
    const details = await jar.open(open.slug);
    expect(details.body.fields[1].initial_value).toBe('');
    await giveDetails(jar, open);
    expect((await findUser(app, username))?.['attributes']).toEqual({});
    expect(await countUses(app, first)).toBe(0);
  });

  test('T01: an answer to a plan of the first is no answer in the second', async () => {
    const other = await enrollmentFlow(app);
    const invited = await invite(app, { flow: flow.pk, single_use: true });
    const [jar, username] = [app.jar(), unique('crossing')];
    await toDetails(jar, { slug: flow.slug, query: invited.query }, username);
    const crossed = await giveDetails(jar, { slug: other.slug, query: invited.query });
    expect(crossed.body.component).toBe(DENIED);
    // Denied there, the plan here is gone as well: it starts again.
    expect(firstFields(await jar.open(flow.slug, invited.query))).toContain('username');
    expect(await findUser(app, username)).toBeUndefined();
  });

  test('T16: a plan does not move to another browser', async () => {
    const { first } = await pair();
    const [mine, other] = [app.jar(), app.jar()];
    await toDetails(mine, { slug: flow.slug, query: first.query }, unique('mine'));
    expect(firstFields(await other.open(flow.slug, first.query))).toContain('username');
  });
});
