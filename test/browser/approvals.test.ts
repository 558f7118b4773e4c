import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { buildRole, giveRole } from '../../src/core/roles/builders.ts';
import {
  DESKTOP,
  PHONE,
  browserTests,
  fill,
  look,
  openLink,
  giveCredentials,
  giveDetails,
  signIn,
} from './chromium-world.ts';

const API = '/api/vestibule/v1';
const ENROLLMENT = 'invitation-enrollment-flow';

browserTests(
  'the pages of approvers and inviters, in Chromium',
  (world) => {
    async function allow(username: string, permissions: readonly string[]): Promise<string> {
      await world.enroll(username);
      const [row] = await world.app.ctx.db.query<{ id: number }>('select id from users where username = $1', [
        username,
      ]);
      const role = await buildRole(world.app.ctx, { permissions });
      await giveRole(world.app.ctx, row?.id ?? 0, role);
      return role;
    }

    /** The mail server took all that was sent so far. */
    const arrive = () => world.app.ctx.db.query(`update outbox_recipient set state = 'sent'`);

    /** More than a page of invitations that are over. */
    const addOlder = (username: string) =>
      world.app.ctx.db.query(
        `insert into invitation (name, created_by, created, revoked, fixed_data)
       select 'old', u.id, now() - make_interval(hours => n), now(), '{"email": "somebody.with.a.long.address@long-domain.example.org"}'
       from users u, generate_series(1, 21) n where u.username = $1`,
        [username],
      );

    /** Somebody whose account waits. */
    async function wait(username: string): Promise<void> {
      const { pk, link } = await world.invite();
      await world.app.ctx.db.query('update invitation set approval = true where invite_uuid = $1', [pk]);
      await world.visit({ javaScriptEnabled: false }, async ({ page }) => {
        await openLink(page, link);
        await giveCredentials(page, username);
        await giveDetails(page, 'Mira Keller', `${username}@example.org`);
        await page.waitForURL('/i/waiting');
      });
    }

    test.each([
      ['English', 'no JavaScript on a phone', 'en-GB', false, PHONE],
      ['English', 'JavaScript on a phone', 'en-GB', true, PHONE],
      ['German', 'JavaScript on a desktop', 'de-DE', true, DESKTOP],
    ])(
      'in %s, with %s, an approver approves, and the person signs in',
      async (_language, _kind, locale, javaScriptEnabled, viewport) => {
        const german = locale === 'de-DE';
        const name = `${german ? 'de' : 'en'}${javaScriptEnabled ? '' : '-plain'}`;
        // axe is a script.
        const see = async (page: Page, what: string) => javaScriptEnabled && look(page, `${what}-${name}`);
        await allow(`approver-${name}`, ['authentik_stages_invitation.approve_invitation']);
        await wait(`held-${name}`);
        await world.visit({ javaScriptEnabled, viewport, locale }, async ({ page }) => {
          await signIn(page, `held-${name}`);
          await page
            .getByText(german ? 'Ihr Konto wartet auf Freigabe.' : 'Your account waits for approval.')
            .waitFor();
        });
        await world.visit({ javaScriptEnabled, viewport, locale }, async ({ page }) => {
          await signIn(page, `approver-${name}`);
          await page.waitForURL('/if/user/');
          await page.goto('/if/approvals/');
          await see(page, 'approvals-list');
          await page
            .getByRole('link', { name: /Mira Keller/ })
            .first()
            .click();
          await see(page, 'approvals-one');
          await fill(page, { reason: 'Hello' });
          await page.locator('button[value=approve]').click();
          await page.locator('button[value=approve]').waitFor({ state: 'detached' });
          await see(page, 'approvals-done');
        });
        await world.visit({ javaScriptEnabled }, async ({ page }) => {
          await signIn(page, `held-${name}`);
          await page.waitForURL('/if/user/');
          expect(await world.isSignedIn(page)).toBe(true);
        });
      },
    );

    test('which accounts are listed can be seen from the links to the lists', async () => {
      await allow('approver-looks', ['authentik_stages_invitation.approve_invitation']);
      await world.visit({}, async ({ page }) => {
        await signIn(page, 'approver-looks');
        await page.waitForURL('/if/user/');
        for (const [state, seen] of [
          ['pending', ['none', 'underline', 'underline']],
          ['rejected', ['underline', 'underline', 'none']],
        ] as const) {
          await page.goto(`/if/approvals/?state=${state}`);
          const lines = await page.evaluate<string[]>(
            "[...document.querySelectorAll('nav a')].map((link) => getComputedStyle(link).textDecorationLine)",
          );
          expect(lines).toEqual(seen);
        }
      });
    });

    test.each([
      ['English', 'no JavaScript on a phone', 'en-GB', false, PHONE],
      ['English', 'JavaScript on a phone', 'en-GB', true, PHONE],
      ['German', 'JavaScript on a desktop', 'de-DE', true, DESKTOP],
    ])(
      'in %s, with %s, somebody invites within limits, mails, mails again, and revokes',
      async (_language, _kind, locale, javaScriptEnabled, viewport) => {
        const german = locale === 'de-DE';
        const name = `${german ? 'de' : 'en'}${javaScriptEnabled ? '' : '-plain'}`;
        // axe is a script.
        const see = async (page: Page, what: string) => javaScriptEnabled && look(page, `${what}-${name}`);
        const role = await allow(`inviter-${name}`, ['authentik_stages_invitation.invite']);
        await world.app.api('PUT', `${API}/inviter-roles/${role}`, {
          flows: [ENROLLMENT],
          open_invitations: 2,
          per_day: 100,
          may_mail: true,
        });
        let link = '';
        await world.visit({ javaScriptEnabled, viewport, locale }, async ({ page }) => {
          await signIn(page, `inviter-${name}`);
          await page.waitForURL('/if/user/');
          await page.goto('/if/invite/');
          await see(page, 'invite-empty');
          await fill(page, { email: `friend-${name}@example.org`, message: 'Come in' });
          await page.locator('button[value=invite]').click();
          link = await page.locator('#link').inputValue();
          await page.getByText(german ? 'Sie wird per E-Mail gesendet.' : 'It is being sent by email.').waitFor();
          await see(page, 'invite-made');
          // What is on its way is not sent again.
          expect(await page.locator('button[value=send]').count()).toBe(0);
          await arrive();
          await page.goto('/if/invite/');
          expect(await page.locator('#link').count()).toBe(0);
          await page.getByText(german ? 'E-Mail: gesendet' : 'Email: sent').waitFor();
          await page.getByRole('button', { name: german ? 'Erneut senden' : 'Send again' }).click();
          await page.getByText(german ? 'E-Mail: unterwegs' : 'Email: on its way').waitFor();
          await page.locator('button[value=invite]').click();
          await page.locator('#link').waitFor();
          await page.locator('button[value=invite]').click();
          await page.locator('.notice-danger').waitFor();
          await see(page, 'invite-too-many');
          expect(await page.locator('button[value=revoke]').count()).toBe(2);
          await page.locator('button[value=revoke]').first().click();
          await page.locator('button[value=revoke]').nth(1).waitFor({ state: 'detached' });
          await addOlder(`inviter-${name}`);
          await page.goto('/if/invite/');
          await page.getByRole('link', { name: german ? 'Ältere' : 'Older ones' }).click();
          await page.getByRole('link', { name: german ? 'Die neuesten' : 'The newest ones' }).waitFor();
          await see(page, 'invite-older');
        });
        await world.visit({ javaScriptEnabled }, async ({ page }) => {
          await page.goto(new URL(link).pathname + new URL(link).search);
          await page.getByText('Come in').waitFor();
        });
      },
    );
  },
  // Nothing listens there: mails stay in the outbox.
  { env: { VESTIBULE_SMTP_URL: 'smtp://127.0.0.1:9', VESTIBULE_MAIL_FROM: 'v@example.org' } },
);
