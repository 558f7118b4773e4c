import { describe, expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { INVITATIONS } from '../api/urls.ts';
import { invitation, mailApp, PUBLIC_URL, settled } from '../mail/mail-app.ts';

const app = await mailApp();
const URL_ = '/api/vestibule/v1/invitations';
const FLOW = 'invitation-enrollment-flow';

const make = async (json: object = {}) =>
  (await app.api('POST', URL_, { name: 'secret', flow: FLOW, secret_link: true, ...json })).body;

/** What a fresh browser is shown first that comes with this link. */
async function open(link: string): Promise<string> {
  const query = encodeURIComponent(new URL(link).search.slice(1));
  return (await app.jar().get(`/api/v3/flows/executor/${FLOW}/?query=${query}`)).body.component;
}

const bare = (id: string): string => `${PUBLIC_URL}/if/flow/${FLOW}/?itoken=${id}`;

test('T14 a secret link opens its flow, and the bare id, a wrong secret or another invitation’s do not', async () => {
  const [one, other] = [await make(), await make()];
  expect(await open(one.link)).toBe('ak-stage-prompt');
  expect(await open(bare(one.id))).toBe('ak-stage-access-denied');
  expect(await open(`${bare(one.id)}&secret=wrong`)).toBe('ak-stage-access-denied');
  expect(await open(`${bare(one.id)}&secret=${new URL(other.link).searchParams.get('secret')}`)).toBe(
    'ak-stage-access-denied',
  );
  expect(await open((await make({ secret_link: false })).link)).toBe('ak-stage-prompt');
});

test('a new secret shuts the old link', async () => {
  const { id, link } = await make();
  const rotated = (await app.api('POST', `${URL_}/${id}/rotate`, { link: 'secret' })).body;
  expect([await open(link), await open(rotated.link)]).toEqual(['ak-stage-access-denied', 'ak-stage-prompt']);
});

test('a revoked one opens nothing, and an extended one opens again', async () => {
  const { id, link } = await make({ max_uses: 1 });
  await app.ctx.db.query('update invitation set uses = 1, used_up = now() where invite_uuid = $1', [id]);
  expect(await open(link)).toBe('ak-stage-access-denied');
  await app.api('POST', `${URL_}/${id}/extend`, { more_uses: 1 });
  expect(await open(link)).toBe('ak-stage-prompt');
  await app.api('POST', `${URL_}/${id}/revoke`, {});
  expect(await open(link)).toBe('ak-stage-access-denied');
});

test('T14 the mail of one with a secret link carries a link that works, until the secret is renewed', async () => {
  const { id } = await make();
  expect((await app.api('GET', `${URL_}/${id}`)).body.sent).toBeNull();
  const sent = await app.api('POST', `${INVITATIONS}${id}/send_email/`, { email_addresses: ['a@example.org'] });
  expect(sent.status).toBe(204);
  await settled(app, id, ['sent']);
  const text = app.sink.received.map(({ mail }) => String(mail.text)).find((one) => one.includes(id)) ?? '';
  const link = /https:\/\/\S+secret=[\w-]+/.exec(text)?.[0] ?? '';
  expect(await open(link)).toBe('ak-stage-prompt');
  const read = (await app.api('GET', `${URL_}/${id}`)).body;
  expect([read.link, typeof read.sent]).toEqual([null, 'string']);
  await app.api('POST', `${URL_}/${id}/rotate`, { link: 'secret' });
  expect(await open(link)).toBe('ak-stage-access-denied');
});

test('T14 who may not give what one with a secret link gives is refused its mail before the body is read (P1)', async () => {
  const group = (await app.api('POST', '/api/v3/core/groups/', { name: 'given by a secret link' })).body.pk;
  const { id } = await make({ groups: [group] });
  const { token } = await buildAccount(app.ctx, {
    permissions: ['view', 'add'].map((verb) => `authentik_stages_invitation.${verb}_invitation`),
  });
  const url = `${INVITATIONS}${id}/send_email/`;
  const good = { email_addresses: ['a@example.org'] };
  const statuses = [
    await app.api('POST', url, good, { token }),
    await app.api('POST', url, undefined, { token, payload: '{', type: 'application/json' }),
    await app.api('POST', url, undefined, { token, payload: 'a', type: 'text/plain' }),
    // Who may give it is told what is wrong with the body.
    await app.api('POST', url, undefined, { payload: '{', type: 'application/json' }),
    await app.api('POST', url, undefined, { payload: 'a', type: 'text/plain' }),
    // An id that is none of theirs is none, whatever the body.
    await app.api('POST', `${INVITATIONS}${group}/send_email/`, undefined, { token, payload: '{' }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([403, 403, 403, 400, 415, 404]);
});

describe('T14 a change that adds groups or roles to an invitation with a plain link', () => {
  const plain = () => make({ secret_link: false });
  const change = (on: TestApp, id: string, json: object) =>
    on.api('PATCH', `${URL_}/${id}`, json, { headers: { 'if-match': '*' } });
  const gift = async (kind: 'groups' | 'roles', on: TestApp = app) => {
    const path = kind === 'groups' ? '/api/v3/core/groups/' : '/api/v3/rbac/roles/';
    return { [kind]: [(await on.api('POST', path, { name: `gift ${crypto.randomUUID()}` })).body.pk] };
  };

  test.each(['groups', 'roles'] as const)('is refused with what to do, and changes nothing (%s)', async (kind) => {
    const { id, link } = await plain();
    const refused = await change(app, id, { ...(await gift(kind)), message: 'with more' });
    expect(refused.status).toBe(422);
    expect(refused.body.errors).toMatchObject([{ pointer: '/secret_link', code: 'required' }]);
    expect((await app.api('GET', `${URL_}/${id}`)).body).toMatchObject({ [kind]: [], message: '', link });
    expect(await open(link)).toBe('ak-stage-prompt');
  });

  test('is made when it says that the link stays plain, and the link that was handed out works on', async () => {
    const { id, link } = await plain();
    const given = await gift('groups');
    expect((await change(app, id, { ...given, secret_link: false })).status).toBe(200);
    expect((await app.api('GET', `${URL_}/${id}`)).body).toMatchObject({ ...given, link, secret_link: false });
    expect(await open(link)).toBe('ak-stage-prompt');
    // What it gives already is added to nothing.
    expect((await change(app, id, { ...given, message: 'again' })).status).toBe(200);
    expect((await change(app, id, { groups: [] })).status).toBe(200);
    expect((await change(app, id, given)).status).toBe(422);
  });

  test('is made after its link was made a secret one, and needs no word then', async () => {
    const { id, link } = await plain();
    const rotated = (await app.api('POST', `${URL_}/${id}/rotate`, { link: 'secret' })).body;
    expect((await change(app, id, await gift('roles'))).status).toBe(200);
    expect([await open(link), await open(rotated.link)]).toEqual(['ak-stage-access-denied', 'ak-stage-prompt']);
  });

  test('cannot say that the link is what it is not', async () => {
    const [one, other] = [await plain(), await make()];
    for (const [id, secret_link] of [
      [one.id, true],
      [other.id, false],
    ]) {
      const refused = await change(app, id, { secret_link, message: 'changed' });
      expect([refused.status, refused.body.errors[0].code]).toEqual([422, 'not_so']);
      expect((await app.api('GET', `${URL_}/${id}`)).body.message).toBe('');
    }
  });

  test('needs no word where the installation has plain links only', async () => {
    const plainly = await testApp({ env: { VESTIBULE_SECRET_LINKS: 'false' } });
    const { id } = (await plainly.api('POST', URL_, { name: 'plain', flow: FLOW })).body;
    expect((await change(plainly, id, await gift('groups', plainly))).status).toBe(200);
  });
});

describe('T14 where VESTIBULE_SECRET_LINKS is true, an invitation that was made over /api/v3', async () => {
  const strict = await mailApp({ env: { VESTIBULE_SECRET_LINKS: 'true' } });
  const openThere = async (link: string): Promise<string> => {
    const query = encodeURIComponent(new URL(link).search.slice(1));
    return (await strict.jar().get(`/api/v3/flows/executor/${FLOW}/?query=${query}`)).body.component;
  };

  test('has a secret link: the bare id fails, nobody is shown the secret, and rotate shows another', async () => {
    const flow = (await strict.api('GET', `/api/v3/flows/instances/${FLOW}/`)).body.pk;
    const plainly = await app.api('POST', INVITATIONS, { name: 'by-v3', single_use: true });
    const made = await strict.api('POST', INVITATIONS, { name: 'by-v3', flow, single_use: true });
    const { pk } = made.body;
    expect([made.status, Object.keys(made.body)]).toEqual([201, Object.keys(plainly.body)]);
    expect(await openThere(bare(pk))).toBe('ak-stage-access-denied');
    expect((await strict.api('GET', `${URL_}/${pk}`)).body).toMatchObject({
      secret_link: true,
      link: null,
      link_reason: 'secret_link',
    });
    const [{ secret_hash: hash } = { secret_hash: Buffer.of() }] = await strict.ctx.db.query<{ secret_hash: Buffer }>(
      'select secret_hash from invitation where invite_uuid = $1',
      [pk],
    );
    const events = JSON.stringify((await strict.api('GET', '/api/v3/events/events/?page_size=100')).body);
    expect(events).toContain(pk.replaceAll('-', ''));
    expect(events).not.toMatch(new RegExp(`secret_hash|${hash.toString('hex')}`));
    const rotated = (await strict.api('POST', `${URL_}/${pk}/rotate`, { link: 'secret' })).body;
    expect(await openThere(rotated.link)).toBe('ak-stage-prompt');
    expect(await openThere(bare(pk))).toBe('ak-stage-access-denied');
  });

  test('is mailed with a secret of its own, and a change over /api/v3 leaves that as it is', async () => {
    const id = await invitation(strict);
    expect((await strict.api('PATCH', `${INVITATIONS}${id}/`, { single_use: true })).status).toBe(200);
    const sent = await strict.api('POST', `${INVITATIONS}${id}/send_email/`, { email_addresses: ['v@example.org'] });
    expect(sent.status).toBe(204);
    await settled(strict, id, ['sent']);
    const text = strict.sink.received.map(({ mail }) => String(mail.text)).find((one) => one.includes(id)) ?? '';
    expect(await openThere(/https:\/\/\S+secret=[\w-]+/.exec(text)?.[0] ?? bare(id))).toBe('ak-stage-prompt');
    expect(text).toContain('secret=');
    expect(await openThere(bare(id))).toBe('ak-stage-access-denied');
  });
});

test('an invitation that was made over /api/v3 opens by its id alone where VESTIBULE_SECRET_LINKS is not true', async () => {
  const lax = await testApp({ env: { VESTIBULE_SECRET_LINKS: 'false' } });
  for (const one of [app, lax]) {
    const id = await invitation(one);
    const query = encodeURIComponent(`itoken=${id}`);
    const answer = await one.jar().get(`/api/v3/flows/executor/${FLOW}/?query=${query}`);
    expect(answer.body.component).toBe('ak-stage-prompt');
  }
});
