import { expect, test } from 'vitest';
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
