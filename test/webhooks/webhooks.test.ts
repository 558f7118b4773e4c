import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { startWorker } from '../../src/kernel/tasks/worker.ts';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { testApp } from '../app.ts';
import { enrol, findUser, unique } from '../flows/builders.ts';
import { INVITATIONS } from '../api/urls.ts';
import { eventually, receiver } from './receiver.ts';
import type { Received } from './receiver.ts';

const V1 = '/api/vestibule/v1';
const app = await testApp({
  env: { VESTIBULE_PUBLIC_URL: 'https://id.example.org', VESTIBULE_OUTBOUND_ALLOW: '127.0.0.0/8' },
});
const worker = await startWorker(app.ctx, app.connection);
afterAll(() => worker.stop());
const hook = await receiver();
const flow = 'invitation-enrollment-flow';
const ALL = ['invitation_created', 'invitation_changed', 'invitation_revoked', 'invitation_extended'];

beforeEach(async () => {
  await app.ctx.db.query('delete from webhook');
  hook.received.length = 0;
  hook.answer({ status: 204 });
});

async function subscribe(events: readonly string[] = ALL, more: object = {}): Promise<{ id: string; secret: string }> {
  const made = await app.api('POST', `${V1}/webhooks`, { url: hook.url, events, ...more });
  expect(made.status).toBe(201);
  return made.body;
}

const invite = async (more: object = {}): Promise<string> =>
  (await app.api('POST', `${V1}/invitations`, { name: 'team', flow, ...more })).body.id;

const deliveriesOf = async (id: string, query = '') =>
  (await app.api('GET', `${V1}/webhooks/${id}/deliveries${query}`)).body.items;

const settled = (id: string, state: string) =>
  eventually(async () => (await deliveriesOf(id)).find((one: { state: string }) => one.state === state));

const arrived = (type: string): Promise<Received> =>
  eventually(() => hook.received.find(({ body }) => JSON.parse(body).type === type));

// By nothing of ours.
function verify(secret: string, { headers, body }: Received, now = Date.now() / 1000): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (Math.abs(now - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const wanted = createHmac('sha256', key)
    .update(`${String(id)}.${String(timestamp)}.${body}`)
    .digest();
  return String(signatures)
    .split(' ')
    .map((one) => Buffer.from(one.replace('v1,', ''), 'base64'))
    .some((given) => given.length === wanted.length && timingSafeEqual(given, wanted));
}

describe('an event', () => {
  test('of a use names the account that was made, in each of several', async () => {
    await subscribe(['invitation_used']);
    const query = `itoken=${await invite({ max_uses: 2 })}`;
    const names = [unique('used'), unique('used')];
    for (const name of names) await enrol(app.jar(), { slug: flow, query }, name);
    await eventually(() => hook.received.length === 2 || undefined);
    const bodies = hook.received.map(({ body }) => JSON.parse(body));
    expect(bodies.map(({ object }) => object.account.username).toSorted()).toEqual(names.toSorted());
    const user = await findUser(app, names[0] ?? '');
    expect(bodies.map(({ object }) => object.account.id)).toContain(user?.['pk']);
  });

  test('reaches the webhook that asked for it, signed, with its object, state and actor', async () => {
    const { id, secret } = await subscribe();
    const invitation = await invite({ max_uses: 2 });
    const got = await arrived('invitation_created');
    expect(verify(secret, got)).toBe(true);
    expect(got.headers['content-type']).toBe('application/json');
    const body = JSON.parse(got.body);
    expect(body).toEqual({
      id: got.headers['webhook-id'],
      type: 'invitation_created',
      occurred_at: expect.stringMatching(/^\d{4}-.*Z$/),
      actor: { id: expect.any(Number), username: 'akadmin' },
      object: { type: 'invitation', id: invitation, name: 'team', state: 'pending', uses: 0, max_uses: 2 },
    });
    expect(await settled(id, 'delivered')).toMatchObject({ event: body.id, status: 204, tries: 1, next_try: null });
  });

  test('of v3 is told as those of the own API are, once', async () => {
    const { id } = await subscribe();
    const pk = (await app.api('GET', `/api/v3/flows/instances/${flow}/`)).body.pk;
    const made = (await app.api('POST', INVITATIONS, { name: 'old', flow: pk })).body.pk;
    await app.api('PATCH', `${INVITATIONS}${made}/`, { name: 'older' });
    await app.api('DELETE', `${INVITATIONS}${made}/`);
    for (const type of ['invitation_created', 'invitation_changed', 'invitation_revoked']) {
      expect(JSON.parse((await arrived(type)).body).object.id).toBe(made);
    }
    expect(await deliveriesOf(id)).toHaveLength(3);
  });

  test('shows no link, code or secret, whatever happens (A15)', async () => {
    await subscribe();
    const { body } = await app.api('POST', `${V1}/invitations`, {
      name: 'hush',
      flow,
      secret_link: true,
      fixed_data: { attributes: { password: 'geheim' } },
    });
    await app.api('POST', `${V1}/invitations/${body.id}/extend`, { expires: null });
    await arrived('invitation_extended');
    const all = JSON.stringify(hook.received);
    for (const hidden of [body.code, new URL(body.link).searchParams.get('secret'), 'itoken', 'geheim']) {
      expect(all).not.toContain(hidden);
    }
  });

  test('that nobody asked for, and one that was rolled back, reaches nobody', async () => {
    const { id } = await subscribe(['invitation_revoked']);
    const invitation = await invite();
    expect((await app.api('POST', `${V1}/invitations`, { name: 'no', flow, groups: [invitation] })).status).toBe(422);
    await expect(
      app.ctx.db.transaction(async (tx) => {
        await tx.query(
          `insert into event (action, app, context) values ('custom_', 'x', '{"action": "invitation_revoked"}')`,
        );
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await deliveriesOf(id)).toEqual([]);
  });

  test('is tried again when the receiver fails, with the same id and body', async () => {
    hook.answer({ status: 500, body: 'out of order' });
    const { id, secret } = await subscribe();
    await invite();
    const failed = await settled(id, 'deferred');
    expect(failed).toMatchObject({ status: 500, answer: 'out of order', tries: 1, next_try: expect.any(String) });
    hook.answer({ status: 200 });
    await app.ctx.db.query(`update webhook_delivery set due = now() where webhook = $1`, [id]);
    await app.ctx.db.query(
      `select graphile_worker.add_job('webhooks.deliver', json_build_object('delivery', $1::text))`,
      [failed.id],
    );
    await settled(id, 'delivered');
    const [first, second] = hook.received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(hook.received.every((one) => verify(secret, one))).toBe(true);
  });

  test('is not sent where a redirect leads', async () => {
    const other = await receiver();
    hook.answer({ status: 307, headers: { location: other.url } });
    const { id } = await subscribe();
    await invite();
    expect(await settled(id, 'deferred')).toMatchObject({ status: 307 });
    expect(other.received).toEqual([]);
  });

  test('whose receiver is gone is given up, and the webhook is not active any more', async () => {
    hook.answer({ status: 410 });
    const { id } = await subscribe();
    await invite();
    await settled(id, 'failed');
    expect((await app.api('GET', `${V1}/webhooks/${id}`)).body.active).toBe(false);
    const [event] = await app.ctx.db.query<{ text: string }>(
      `select row_to_json(e)::text as text from event e where context ->> 'action' = 'webhook_failed'
       and context ->> 'webhook' = $1`,
      [id],
    );
    expect(event?.text).toContain('410');
    expect(event?.text).not.toContain('hidden');
  });

  test('is delivered by another worker when its job was lost with one', async () => {
    const { id } = await subscribe();
    await app.ctx.db.query(
      `insert into webhook_delivery (webhook, event, source, occurred, context, due, lease, lease_until)
       values ($1, gen_random_uuid(), 'invitation_extended', now(), '{}', now() - interval '4 seconds',
         gen_random_uuid(), now() - interval '1 second')`,
      [id],
    );
    expect(await settled(id, 'delivered')).toMatchObject({ tries: 1 });
    expect(hook.received).toHaveLength(1);
  });

  test('is not told to have failed by a worker that lost it to another one, which delivered it', async () => {
    const { id } = await subscribe();
    const { db } = app.ctx;
    const done = `update webhook_delivery set state = 'delivered', lease = null, lease_until = null, due = null,
      finished = now() where webhook = $1`;
    hook.answer({ status: 500, before: async () => void (await db.query(done, [id])) });
    // At its last try.
    await db.query(
      `insert into webhook_delivery (webhook, event, source, occurred, context, due, tries)
       values ($1, gen_random_uuid(), 'invitation_extended', now(), '{}', now() - interval '2 minutes', 12)`,
      [id],
    );
    await db.query(`select graphile_worker.add_job('webhooks.sweep')`);
    await arrived('invitation_extended');
    const job = `select 1 from graphile_worker.jobs j join webhook_delivery d on j.key = 'webhook:' || d.delivery_uuid
      where d.webhook = $1`;
    await eventually(async () => (await db.query(job, [id])).length === 0 || undefined);
    expect(await deliveriesOf(id)).toMatchObject([{ state: 'delivered', tries: 13 }]);
    const failed = `select 1 from event where context ->> 'action' = 'webhook_failed' and context ->> 'webhook' = $1`;
    expect(await db.query(failed, [id])).toEqual([]);
  });
});

describe('a signature', () => {
  test('does not fit another body, id, time or secret, and old ones are refused as replays', async () => {
    const { secret } = await subscribe();
    const { secret: other } = await subscribe(['invitation_revoked']);
    await invite();
    const got = await arrived('invitation_created');
    const later = { ...got.headers, 'webhook-timestamp': String(Number(got.headers['webhook-timestamp']) + 1) };
    expect(verify(secret, got)).toBe(true);
    expect(verify(other, got)).toBe(false);
    expect(verify(secret, { ...got, body: `${got.body} ` })).toBe(false);
    expect(verify(secret, { ...got, headers: { ...got.headers, 'webhook-id': 'x' } })).toBe(false);
    expect(verify(secret, { ...got, headers: later })).toBe(false);
    expect(verify(secret, got, Date.now() / 1000 + 3600)).toBe(false);
  });

  test('is found good by the example of docs/own-api.md, and not with another body', async () => {
    const text = readFileSync(new URL('../../docs/own-api.md', import.meta.url), 'utf8');
    const example = /```js\n([^`]*export function verify(?:[^`]|`[^`])*?)```/.exec(text)?.[1] ?? '';
    const module: { verify: (secret: string, headers: object, body: string) => boolean } = await import(
      `data:text/javascript,${encodeURIComponent(example)}`
    );
    const { secret } = await subscribe();
    await invite();
    const { headers, body } = await arrived('invitation_created');
    expect(module.verify(secret, headers, body)).toBe(true);
    expect(module.verify(secret, headers, `${body} `)).toBe(false);
    expect(module.verify(secret, { ...headers, 'webhook-timestamp': '1' }, body)).toBe(false);
  });

  test('is made with the old and the new secret for a day after a rotation, then with the new one only', async () => {
    const { id, secret } = await subscribe();
    const rotated = await app.api('POST', `${V1}/webhooks/${id}/rotate`);
    expect(rotated.body.secret).not.toBe(secret);
    await invite();
    const got = await arrived('invitation_created');
    expect([verify(secret, got), verify(rotated.body.secret, got)]).toEqual([true, true]);
    await app.ctx.db.query(`update webhook set old_secret_until = now() - interval '1 second'`);
    hook.received.length = 0;
    await invite();
    const after = await arrived('invitation_created');
    expect([verify(secret, after), verify(rotated.body.secret, after)]).toEqual([false, true]);
  });
});

describe('a webhook', () => {
  test('is read, changed with If-Match, and deleted; its secret is shown once and stored sealed', async () => {
    const { id, secret } = await subscribe();
    const read = await app.api('GET', `${V1}/webhooks/${id}`);
    expect(read.body).not.toHaveProperty('secret');
    const patch = (headers: Record<string, string>) =>
      app.api('PATCH', `${V1}/webhooks/${id}`, { active: false }, { headers });
    expect((await patch({})).status).toBe(428);
    expect((await patch({ 'if-match': '"other"' })).status).toBe(412);
    expect((await patch({ 'if-match': String(read.headers['etag']) })).body.active).toBe(false);
    const [row] = await app.ctx.db.query<{ text: string }>('select row_to_json(w)::text as text from webhook w');
    expect(row?.text).not.toContain(secret.slice(6));
    expect((await app.api('GET', `${V1}/webhooks?limit=1`)).body.items).toHaveLength(1);
    expect((await app.api('DELETE', `${V1}/webhooks/${id}`)).status).toBe(204);
    expect((await app.api('GET', `${V1}/webhooks/${id}`)).status).toBe(404);
  });

  test('that is not active gets nothing but what tries it', async () => {
    const { id, secret } = await subscribe(ALL, { active: false });
    await invite();
    const tried = await app.api('POST', `${V1}/webhooks/${id}/test`);
    expect([tried.status, tried.body.type]).toEqual([202, 'webhook_test']);
    expect(tried.headers['etag']).toBe((await app.api('GET', `${V1}/webhooks/${id}`)).headers['etag']);
    const got = await arrived('webhook_test');
    expect(verify(secret, got)).toBe(true);
    expect(hook.received).toHaveLength(1);
  });

  test('that is switched off cancels what was waiting', async () => {
    hook.answer({ status: 503 });
    const { id } = await subscribe();
    await invite();
    const { id: delivery } = await settled(id, 'deferred');
    await app.api('PATCH', `${V1}/webhooks/${id}`, { active: false }, { headers: { 'if-match': '*' } });
    await app.ctx.db.query('update webhook_delivery set due = now()');
    await app.ctx.db.query(
      `select graphile_worker.add_job('webhooks.deliver', json_build_object('delivery', $1::text))`,
      [delivery],
    );
    expect(await settled(id, 'cancelled')).toMatchObject({ answer: 'The webhook is not active.' });
  });

  test('gets an event again with the same id when somebody asks, and not while it is under way', async () => {
    const { id } = await subscribe();
    await invite();
    const { id: delivery } = await settled(id, 'delivered');
    const again = `${V1}/webhooks/${id}/deliveries/${delivery}/redeliver`;
    expect((await app.api('POST', again)).status).toBe(202);
    await eventually(() => (hook.received.length === 2 ? true : undefined));
    expect(hook.received[1]?.headers['webhook-id']).toBe(hook.received[0]?.headers['webhook-id']);
    hook.answer({ status: 500 });
    await settled(id, 'delivered');
    await app.api('POST', again);
    await settled(id, 'deferred');
    const refused = await app.api('POST', again);
    expect([refused.status, refused.body.code]).toEqual([409, 'delivery_under_way']);
  });

  test.each([
    [{ url: 'http://169.254.169.254/latest' }, '/url'],
    [{ url: 'ftp://example.org' }, '/url'],
    [{ url: 'https://a:b@example.org' }, '/url'],
    [{ events: [] }, '/events'],
    [{ events: ['invitation_created', 'login'] }, '/events/1'],
  ])('is refused with %j (E14)', async (wrong, pointer) => {
    const made = await app.api('POST', `${V1}/webhooks`, { url: hook.url, events: ALL, ...wrong });
    expect(made.status).toBe(422);
    expect(made.body.errors.map((one: { pointer: string }) => one.pointer)).toEqual([pointer]);
  });

  test('is a matter of those who hold its permissions', async () => {
    const { id } = await subscribe();
    const { token: none } = await buildAccount(app.ctx, {
      permissions: ['authentik_stages_invitation.view_invitation'],
    });
    const { token: viewer } = await buildAccount(app.ctx, { permissions: ['vestibule_webhooks.view_webhook'] });
    const ask = async (method: string, path: string, token: string | null) =>
      (await app.api(method, `${V1}/webhooks${path}`, undefined, { token })).status;
    expect(await ask('GET', '', null)).toBe(401);
    expect(await ask('GET', '', none)).toBe(403);
    expect(await ask('GET', `/${id}/deliveries`, viewer)).toBe(200);
    for (const [method, path] of [
      ['POST', ''],
      ['DELETE', `/${id}`],
      ['POST', `/${id}/rotate`],
      ['POST', `/${id}/test`],
    ] as const) {
      expect(await ask(method, path, viewer)).toBe(403);
    }
  });
});

test('deliveries are listed by state and page by page', async () => {
  const { id } = await subscribe();
  for (let made = 0; made < 3; made += 1) await invite();
  await eventually(async () => ((await deliveriesOf(id, '?state=delivered')).length === 3 ? true : undefined));
  const page = (await app.api('GET', `${V1}/webhooks/${id}/deliveries?limit=2`)).body;
  const rest = (await app.api('GET', `${V1}/webhooks/${id}/deliveries?limit=2&cursor=${page.next}`)).body;
  expect([page.items.length, rest.items.length, rest.next]).toEqual([2, 1, null]);
  expect(await deliveriesOf(id, '?state=failed')).toEqual([]);
});

test('the list of events names what can be asked for', async () => {
  const { items } = (await app.api('GET', `${V1}/webhook-events`)).body;
  const types = items.map(({ type }: { type: string }) => type);
  expect(types).toEqual(expect.arrayContaining([...ALL, 'invitation_used', 'invitation_sent', 'invitation_expired']));
});
