import { expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { INVITATIONS } from '../api/urls.ts';
import { mailApp, PUBLIC_URL, settled } from '../mail/mail-app.ts';

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
