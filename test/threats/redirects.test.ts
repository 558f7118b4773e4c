import { beforeAll, describe, expect, test } from 'vitest';
import { pendingUser } from '../../src/core/flows/index.ts';
import { ADMIN_PASSWORD, testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import {
  ENROLLMENT,
  buildFlow,
  buildStage,
  enrol,
  invitationStage,
  invite,
  probeStages,
  signIn,
  unique,
} from '../flows/builders.ts';
import { inviteWith } from '../flows/extended.ts';
import { FOREIGN } from '../flows/foreign-urls.ts';
import { formOf, pageOf } from '../flows/forms.ts';
import type { Answer, Jar } from '../jar.ts';
import { INVITATIONS_URL } from '../own-api/invitation-calls.ts';

const probes = probeStages();
const SELF = 'http://localhost';
// Some thousand requests.
const PATIENCE = 300_000;
const FORM = 'application/x-www-form-urlencoded';

let app: TestApp;
let login: string;
let invitedOnly: string;
beforeAll(async () => {
  app = await testApp({ provides: [probes.contribution], pagesPerSecond: 10_000 });
  const somebody = await probes.build(app, ({ plan }) => plan.set(pendingUser, 1));
  const stages = [somebody, await buildStage(app, '/stages/user_login/')];
  ({ slug: login } = await buildFlow(app, stages, { designation: 'authentication', authentication: 'none' }));
  ({ slug: invitedOnly } = await buildFlow(app, [await invitationStage(app)]));
});

/** Of which server a browser on a page of ours ends up at, by an answer that leads on; ours, if it leads nowhere. */
function originOf({ status, body, headers }: Answer): string {
  const to: unknown = body?.to ?? headers['location'] ?? '/';
  // A refusal is no way out either, but a failure, or that nobody looked at it, would be one to notice.
  if (status >= 500 || status === 429) return `a failure: ${status}`;
  return new URL(String(to), `${SELF}/if/flow/x/`).origin;
}

/** The addresses that lead away from us at a place; one word for each that does. */
async function leading(ask: (next: string) => Promise<readonly Answer[]>): Promise<string[]> {
  const away: string[] = [];
  for (const next of FOREIGN) {
    for (const answer of await ask(next)) {
      if (originOf(answer) !== SELF) away.push(`${JSON.stringify(next)} ${originOf(answer)}`);
    }
  }
  return away;
}

const nextOf = (next: string): string => `next=${encodeURIComponent(next)}`;

describe(`T22: ${FOREIGN.length} foreign addresses lead away`, () => {
  test(
    'at no sign-in: by executor and page, of somebody new and of somebody signed in',
    async () => {
      const signedIn = app.jar();
      await signIn(signedIn, 'akadmin', ADMIN_PASSWORD);
      const away = await leading(async (next) => [
        await app.jar().open(login, nextOf(next)),
        await signedIn.ask('GET', pageOf('default-authentication-flow', nextOf(next))),
        await signedIn.ask('GET', `/flows/-/default/authentication/?${nextOf(next)}`),
      ]);
      expect(away).toEqual([]);
    },
    PATIENCE,
  );

  test(
    'at no sign-out',
    async () => {
      const away = await leading(async (next) => [
        await app.jar().ask('GET', `/flows/-/default/invalidation/?${nextOf(next)}`),
        await app.jar().ask('GET', pageOf('default-invalidation-flow', nextOf(next))),
      ]);
      expect(away).toEqual([]);
    },
    PATIENCE,
  );

  test(
    'from no invitation, where one was stored, and the own API stores none',
    async () => {
      const { pk, query } = await invite(app);
      const store = 'update invitation set redirect = $2 where invite_uuid = $1';
      const away = await leading(async (redirect) => {
        // PostgreSQL keeps no NUL.
        if (!redirect.includes('\0')) await app.ctx.db.query(store, [pk, redirect]);
        return [await app.jar().open(invitedOnly, query)];
      });
      expect(away).toEqual([]);
      for (const redirect of FOREIGN) {
        const { status, body } = await app.api('POST', INVITATIONS_URL, { name: 'led', redirect });
        const kept = status === 201 ? new URL(body.redirect, `${SELF}/if/flow/x/`).origin : SELF;
        expect([redirect, status < 500, kept]).toEqual([redirect, true, SELF]);
      }
    },
    PATIENCE,
  );

  test(
    'after no join',
    async () => {
      const jar = app.jar();
      await enrol(jar, { slug: ENROLLMENT, query: (await invite(app)).query }, unique('member'));
      const away = await leading(async (redirect) => [await join(jar, redirect)]);
      expect(away).toEqual([]);
    },
    PATIENCE,
  );
});

async function join(jar: Jar, redirect: string): Promise<Answer> {
  const { query } = await inviteWith(app, { redirect: redirect.replaceAll('\0', '') });
  const page = await jar.get(pageOf(ENROLLMENT, query));
  const payload = new URLSearchParams({ ...formOf(page).hidden, action: 'join' }).toString();
  const answer = await jar.ask('POST', pageOf(ENROLLMENT), { payload, type: FORM });
  expect(answer.status).toBe(303);
  return answer;
}
