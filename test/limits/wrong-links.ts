import { randomBytes, randomUUID } from 'node:crypto';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import type { TestApp } from '../app.ts';
import { buildFlow, expire, invitationStage, invite } from '../flows/builders.ts';

/** The kind that the others are compared with. */
export const BASE = 'unknown';

/** Queries of wrong links, by what is wrong with them. */
export type Kinds = Readonly<Record<string, () => string>>;

/** Queries of links that lead nowhere, one for each reason; those that the first page tells apart come last. */
export async function wrongLinks(
  app: TestApp,
  slug: string,
): Promise<{ readonly everywhere: Kinds; readonly told: Kinds }> {
  const { pk: other } = await buildFlow(app, [await invitationStage(app)]);
  const foreign = await invite(app, { flow: other });
  const body = { name: 'secret', flow: slug, secret_link: true };
  const secret = (await app.api('POST', '/api/vestibule/v1/invitations', body)).body.id;
  const creator = await buildAccount(app.ctx);
  const [resting, expired, used, revoked] = [
    await invite(app),
    await invite(app),
    await invite(app),
    await invite(app),
  ];
  await app.ctx.db.query('update invitation set created_by = $2 where invite_uuid = $1', [resting.pk, creator.id]);
  await app.ctx.db.query('update users set is_active = false where id = $1', [creator.id]);
  await expire(app, expired);
  const change = (what: string, id: string) =>
    app.ctx.db.query(`update invitation set ${what} where invite_uuid = $1`, [id]);
  await change('uses = 1, used_up = now()', used.pk);
  await change('revoked = now()', revoked.pk);
  return {
    everywhere: {
      [BASE]: () => randomUUID(),
      malformed: () => randomUUID().slice(0, -1),
      'of another flow': () => foreign.pk,
      'without its secret': () => secret,
      'with a wrong secret': () => `${secret}&secret=${randomBytes(24).toString('base64url')}`,
      'of somebody inactive': () => resting.pk,
    },
    told: { expired: () => expired.pk, 'used up': () => used.pk, revoked: () => revoked.pk },
  };
}
