import { CookieJar } from 'tough-cookie';
import { expect, test } from 'vitest';
import { ADMIN_TOKEN, testApp } from '../app.ts';
import { realApi, realClient } from '../contract/real-client.ts';

const app = await testApp();
const baseUrl = await app.http.listen({ host: '127.0.0.1', port: 0 });
const administrator = realClient({ baseUrl, token: ADMIN_TOKEN });
const flows = new (realApi('FlowsApi'))(administrator);
const stages = new (realApi('StagesApi'))(administrator);

const PASSWORD = 'a long enough password';
const SLUG = 'company-enrollment';

/** A browser: the published client with cookies of its own and no token. */
function browser() {
  const configuration = realClient({ baseUrl, cookies: new CookieJar() });
  const [executor, core] = [new (realApi('FlowsApi'))(configuration), new (realApi('CoreApi'))(configuration)];
  return {
    core,
    open: (flowSlug: string, query = '') => executor.flowsExecutorGet({ flowSlug, query }),
    answer: (
      flowSlug: string,
      query: string,
      flowChallengeResponseRequest: NonNullable<
        Parameters<typeof executor.flowsExecutorSolve>[0]['flowChallengeResponseRequest']
      >,
    ) => executor.flowsExecutorSolve({ flowSlug, query, flowChallengeResponseRequest }),
  };
}

async function prompt(name: string, type: 'username' | 'password' | 'email', order: number): Promise<string> {
  const promptRequest = { name: `company-${name}`, fieldKey: name, label: name, type, order, required: true };
  return (await stages.stagesPromptPromptsCreate({ promptRequest })).pk;
}

/** The contract's recipe: invitation, prompt, user write, login (part 2, 13). */
async function makeFlow(): Promise<string> {
  const flow = await flows.flowsInstancesCreate({
    flowRequest: {
      name: 'Company',
      slug: SLUG,
      title: 'Join us',
      designation: 'enrollment',
      authentication: 'require_unauthenticated',
    },
  });
  const fields = [
    await prompt('username', 'username', 0),
    await prompt('email', 'email', 1),
    await prompt('password', 'password', 2),
    await prompt('password_repeat', 'password', 3),
  ];
  const made = [
    await stages.stagesInvitationStagesCreate({ invitationStageRequest: { name: 'company-invitation' } }),
    await stages.stagesPromptStagesCreate({ promptStageRequest: { name: 'company-prompt', fields } }),
    await stages.stagesUserWriteCreate({
      userWriteStageRequest: { name: 'company-write', userCreationMode: 'always_create', userType: 'internal' },
    }),
    await stages.stagesUserLoginCreate({ userLoginStageRequest: { name: 'company-login' } }),
  ];
  for (const [at, { pk }] of made.entries()) {
    await flows.flowsBindingsCreate({ flowStageBindingRequest: { target: flow.pk, stage: pk, order: at * 10 } });
  }
  return flow.pk;
}

test('the published client makes a flow, invites, enrolls, signs in and asks who it is (64)', async () => {
  const flow = await makeFlow();
  const shown = await flows.flowsInstancesRetrieve({ slug: SLUG });
  expect([shown.stages.length, shown.designation]).toEqual([4, 'enrollment']);

  const invitation = await stages.stagesInvitationInvitationsCreate({ invitationRequest: { name: 'dora' } });
  expect([invitation.flow, invitation.singleUse, invitation.createdBy.username]).toEqual([undefined, false, 'akadmin']);
  const changed = await stages.stagesInvitationInvitationsUpdate({
    inviteUuid: invitation.pk,
    invitationRequest: {
      name: 'dora-invited',
      flow,
      singleUse: true,
      expires: new Date('2099-01-01T00:00:00Z'),
      fixedData: { email: 'dora@example.org' },
    },
  });
  expect([changed.pk, changed.name, changed.flowObj.slug]).toEqual([invitation.pk, 'dora-invited', SLUG]);
  expect(changed.expires?.toISOString()).toBe('2099-01-01T00:00:00.000Z');

  const dora = browser();
  const query = `itoken=${invitation.pk}`;
  const form = await dora.open(SLUG, query);
  expect(form.component).toBe('ak-stage-prompt');
  const answers = { component: 'ak-stage-prompt', username: 'dora', password: PASSWORD } as const;
  const wrong = await dora.answer(SLUG, query, { ...answers, email: 'dora@example.org', password_repeat: 'another' });
  expect(wrong).toMatchObject({ component: 'ak-stage-prompt' });
  const done = await dora.answer(SLUG, query, { ...answers, email: 'dora@example.org', password_repeat: PASSWORD });
  expect(done).toMatchObject({ component: 'xak-flow-redirect', to: '/' });
  const me = await dora.core.coreUsersMeRetrieve();
  expect(me.user).toMatchObject({ username: 'dora', email: 'dora@example.org', type: 'internal', isSuperuser: false });

  const gone = stages.stagesInvitationInvitationsRetrieve({ inviteUuid: invitation.pk });
  await expect(gone).rejects.toMatchObject({ response: { status: 404 } });
  const late = await browser().open(SLUG, query);
  expect(late.component).toBe('ak-stage-access-denied');

  const tomorrow = browser();
  const name = 'default-authentication-flow';
  expect((await tomorrow.open(name)).component).toBe('ak-stage-identification');
  const asked = await tomorrow.answer(name, '', { component: 'ak-stage-identification', uidField: 'dora' });
  expect(asked.component).toBe('ak-stage-password');
  const signedIn = await tomorrow.answer(name, '', { component: 'ak-stage-password', password: PASSWORD });
  expect(signedIn).toMatchObject({ component: 'xak-flow-redirect', to: '/' });
  expect((await tomorrow.core.coreUsersMeRetrieve()).user.username).toBe('dora');
});

test('the published client reads lists, a refusal and a field error', async () => {
  const list = await stages.stagesInvitationInvitationsList({ pageSize: 1, ordering: 'name' });
  expect(list.pagination).toMatchObject({ current: 1, next: expect.any(Number), count: expect.any(Number) });
  expect(list.autocomplete).toEqual({});
  const nobody = new (realApi('StagesApi'))(realClient({ baseUrl }));
  await expect(nobody.stagesInvitationInvitationsList()).rejects.toMatchObject({ response: { status: 403 } });
  const broken = stages.stagesInvitationInvitationsCreate({ invitationRequest: { name: 'a b' } });
  await expect(broken).rejects.toMatchObject({ response: { status: 400 } });
});
