import { describe, expect, test } from 'vitest';
import { buildRole, giveRole } from '../../src/core/roles/builders.ts';
import { buildAccount, buildSession } from '../../src/core/tokens/builders.ts';
import { testApp } from '../app.ts';
import { create } from '../../src/features/stages/prompt/builders.ts';
import type { Jar } from '../jar.ts';

const app = await testApp();
const HOME = '/if/user/';
const [INVITE, APPROVALS] = ['/if/invite/', '/if/approvals/'];
const MODEL = 'authentik_stages_invitation';

/** Somebody with the permissions, signed in. */
async function somebody(permissions: readonly string[]): Promise<{ jar: Jar; role: string; username: string }> {
  const who = await buildAccount(app.ctx);
  const role = await buildRole(app.ctx, { permissions });
  await giveRole(app.ctx, who.id, role);
  const jar = app.jar();
  for (const pair of (await buildSession(app.ctx, who.id)).cookie.split('; '))
    jar.plant(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  return { jar, role, username: who.username };
}

async function offered(jar: Jar, path = HOME): Promise<string[]> {
  const { status, text } = await jar.get(path);
  expect(status).toBe(200);
  return [...text.matchAll(/<a class="button" href="([^"]+)"/g)].map(([, href]) => href ?? '');
}

describe('the page where somebody signed in lands without another goal', () => {
  test.each([
    ['who may add invitations', [`${MODEL}.add_invitation`], [INVITE]],
    ['who may invite within limits', [`${MODEL}.invite`], [INVITE]],
    ['who may approve accounts', [`${MODEL}.approve_invitation`], [APPROVALS]],
    ['who may do both', [`${MODEL}.approve_invitation`, `${MODEL}.invite`], [INVITE, APPROVALS]],
    ['who may view invitations', [`${MODEL}.view_invitation`], []],
    ['everybody else', [], []],
  ])('offers %s what they may do, and each leads there', async (_who, permissions, pages) => {
    const { jar, username } = await somebody(permissions);
    expect(await offered(jar)).toEqual(pages);
    for (const page of [INVITE, APPROVALS]) {
      const { status, text } = await jar.get(page);
      const isTheirs = pages.includes(page);
      expect([page, status, text.includes('Go to your page')]).toEqual([page, isTheirs ? 200 : 403, isTheirs]);
    }
    const { text } = await jar.get(HOME);
    expect(text).toContain(username);
    expect(text).toContain('/flows/-/default/invalidation/');
  });

  test('offers the approvals to who decides on those of one invitation', async () => {
    const { jar, role } = await somebody([]);
    const pk = await create(app, '/stages/invitation/invitations/', { name: 'one' });
    const permission = { permissions: [`${MODEL}.approve_invitation`], model: `${MODEL}.invitation`, object_pk: pk };
    const path = `/api/v3/rbac/permissions/assigned_by_roles/${role}/assign/`;
    expect((await app.api('POST', path, permission)).status).toBe(200);
    expect(await offered(jar)).toEqual([APPROVALS]);
  });

  test('asks in German what somebody would like to do', async () => {
    const { jar } = await somebody([`${MODEL}.invite`]);
    const { text } = await jar.get(HOME, { headers: { 'accept-language': 'de' } });
    expect(text).toContain('Was möchten Sie tun?');
    expect(text).toContain('Jemanden einladen');
  });
});

describe('the page for inviting', () => {
  test('tells who never made one how to begin, and nobody else', async () => {
    const { jar } = await somebody([`${MODEL}.add_invitation`]);
    const page = await jar.get(INVITE);
    expect(page.text).toContain('Begin with one person');
    expect(page.text).not.toContain('Your invitations');
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const made = await jar.form(INVITE, { action: 'invite', lifetime: '86400', csrf });
    for (const { text } of [made, await jar.get(INVITE)]) {
      expect(text).not.toContain('Begin with one person');
      expect(text).toContain('Your invitations');
    }
  });
});
