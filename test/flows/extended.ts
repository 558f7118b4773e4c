import type { TestApp } from '../app.ts';
import { invite } from './builders.ts';
import type { Body, Invited } from './builders.ts';

/** What an invitation has beyond the contract's eight fields; by the names of the columns. */
export type Extended = Body & { readonly groups?: readonly string[]; readonly roles?: readonly string[] };

/** Makes an invitation with more than the wire knows. */
export async function inviteWith(app: TestApp, extended: Extended, body: Body = {}): Promise<Invited> {
  const invited = await invite(app, body);
  await extend(app, invited, extended);
  return invited;
}

/** Changes what the wire does not know of an invitation. */
export async function extend(app: TestApp, { pk }: Invited, { groups = [], roles = [], ...columns }: Extended) {
  const { db } = app.ctx;
  for (const [name, value] of Object.entries(columns)) {
    await db.query(`update invitation set ${name} = $2 where invite_uuid = $1`, [pk, value as string]);
  }
  for (const group of groups) await db.query('insert into invitation_group values ($1, $2)', [pk, group]);
  for (const role of roles) await db.query('insert into invitation_role values ($1, $2)', [pk, role]);
}
