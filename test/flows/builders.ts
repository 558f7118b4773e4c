import { defineStage, pass, stage } from '../../src/core/flows/index.ts';
import type { Plan, StageRequest } from '../../src/core/flows/index.ts';
import { planOf } from '../../src/core/flows/session-state.ts';
import { policyKind } from '../../src/core/policies/index.ts';
import type { PolicyRequest, PolicyResult } from '../../src/core/policies/index.ts';
import { openSession } from '../../src/core/sessions/index.ts';
import type { Session } from '../../src/core/sessions/index.ts';
import { buildPromptStage, buildStage, create } from '../../src/features/stages/prompt/builders.ts';
import type { Contribution } from '../../src/kernel/feature.ts';
import type { TestApp } from '../app.ts';
import type { Answer, Jar } from '../jar.ts';

export type Body = Readonly<Record<string, unknown>>;
/** A stage of a flow under construction; with flags of its binding where they matter. */
export type Bound = string | (Body & { readonly stage: string });
export type BuiltFlow = { readonly slug: string; readonly pk: string; readonly bindings: readonly BuiltBinding[] };
export type BuiltBinding = { readonly pk: string; readonly policybindingmodel_ptr_id: string };

export const DENIED = 'ak-stage-access-denied';
export const NO_INVITATION = 'Invalid invite/invite not found';
export const INVITATIONS = '/api/v3/stages/invitation/invitations/';
export const ENROLLMENT = 'invitation-enrollment-flow';
export const PASSWORD = 'a long enough password';

let made = 0;
/** A name that nothing else in this process has. */
export function unique(prefix: string): string {
  made += 1;
  return `${prefix}-${made}`;
}

/** Runs a statement after which nobody can administer, which the database would refuse. */
export async function loseSuperusers({ ctx }: TestApp, sql: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await tx.query("select set_config('vestibule.may_lose_superusers', 'on', true)");
    await tx.query(sql);
  });
}

/** Creates a flow that shows the stages in the given order. */
export async function buildFlow(app: TestApp, stages: readonly Bound[], flow: Body = {}): Promise<BuiltFlow> {
  const slug = unique('flow');
  const base = { name: slug, slug, title: slug, designation: 'enrollment' };
  const pk = await create(app, '/flows/instances/', { ...base, ...flow });
  const bindings: BuiltBinding[] = [];
  for (const [order, bound] of stages.entries()) {
    const binding = typeof bound === 'string' ? { stage: bound } : bound;
    const { status, body } = await app.api('POST', '/api/v3/flows/bindings/', { target: pk, order, ...binding });
    if (status !== 201) throw new Error(`The binding was refused: ${JSON.stringify(body)}`);
    bindings.push(body);
  }
  return { slug, pk, bindings };
}

/** An invitation stage. */
export const invitationStage = (app: TestApp, continue_flow_without_invitation = false): Promise<string> =>
  buildStage(app, '/stages/invitation/stages/', { continue_flow_without_invitation });

/** A dummy stage: shows its name, and passes when answered. */
export const dummyStage = (app: TestApp, name = unique('dummy')): Promise<string> =>
  buildStage(app, '/stages/dummy/', { name });

export const CREDENTIALS = {
  username: { type: 'username' },
  password: { type: 'password' },
  password_repeat: { type: 'password' },
};
export const DETAILS = { name: {}, email: { type: 'email' } };

/** A flow like the documented recipe, with stages of its own; `write` and `flow` name what matters. */
export async function enrollmentFlow(
  app: TestApp,
  { write = {}, flow = {}, open = false }: { write?: Body; flow?: Body; open?: boolean } = {},
): Promise<BuiltFlow> {
  const writer = await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create', ...write });
  const stages = [
    await invitationStage(app, open),
    await buildPromptStage(app, CREDENTIALS),
    await buildPromptStage(app, DETAILS),
    writer,
    await buildStage(app, '/stages/user_login/'),
  ];
  return buildFlow(app, stages, { authentication: 'require_unauthenticated', ...flow });
}

export type Invited = { readonly pk: string; readonly query: string };

/** Makes an invitation; `query` is what its link brings. */
export async function invite(app: TestApp, body: Body = {}): Promise<Invited> {
  const pk = await create(app, '/stages/invitation/invitations/', { name: unique('invitation'), ...body });
  return { pk, query: `itoken=${pk}` };
}

/** Changes an invitation as an administrator does. */
export async function edit(app: TestApp, { pk }: Invited, body: Body): Promise<void> {
  const { status, body: answer } = await app.api('PATCH', `${INVITATIONS}${pk}/`, body);
  if (status !== 200) throw new Error(`The edit was refused: ${JSON.stringify(answer)}`);
}

/** Puts the invitation's expiry an hour into the past, by the database's clock. */
export async function expire(app: TestApp, { pk }: Invited): Promise<void> {
  await app.ctx.db.query(`update invitation set expires = now() - interval '1 hour' where invite_uuid = $1`, [pk]);
}

export const credentials = (username: string): Body => ({
  component: 'ak-stage-prompt',
  username,
  password: PASSWORD,
  password_repeat: PASSWORD,
});

export type Arrival = { readonly slug: string; readonly query?: string };

/** Opens the link and answers the credentials; the details are shown. */
export async function toDetails(jar: Jar, { slug, query = '' }: Arrival, username: string): Promise<Answer> {
  await jar.open(slug, query);
  return jar.answer(slug, credentials(username), query);
}

/** Answers the details, the last form of an enrollment. */
export function giveDetails(jar: Jar, { slug, query = '' }: Arrival, details: Body = {}): Promise<Answer> {
  const base = { component: 'ak-stage-prompt', name: 'Somebody', email: 'somebody@example.com' };
  return jar.answer(slug, { ...base, ...details }, query);
}

/** A whole enrollment in the jar. */
export async function enrol(jar: Jar, arrival: Arrival, username: string): Promise<Answer> {
  await toDetails(jar, arrival, username);
  return giveDetails(jar, arrival);
}

/** The user of that name, as the API shows it. */
export async function findUser(app: TestApp, username: string): Promise<Record<string, unknown> | undefined> {
  const { body } = await app.api('GET', `/api/v3/core/users/?username=${encodeURIComponent(username)}`);
  return body.results[0];
}

/** The contexts of the events of an action, oldest first. */
export async function events(app: TestApp, action: string): Promise<Body[]> {
  const text = 'select context from event where action = $1 order by created, event_uuid';
  const rows = await app.ctx.db.query<{ context: Body }>(text, [action]);
  return rows.map((row) => row.context);
}

/** How many uses of the invitation were told of. */
export async function countUses(app: TestApp, { pk }: Invited): Promise<number> {
  const hex = pk.replaceAll('-', '');
  return (await events(app, 'invitation_used')).filter((context) => context['invitation_uuid'] === hex).length;
}

/** What is kept of an invitation, the history included. */
export function invitationRow(app: TestApp, { pk }: Invited): Promise<Body[]> {
  return app.ctx.db.query<Body>('select * from invitation where invite_uuid = $1', [pk]);
}

/** The server's side of a jar's session. */
export function sessionOf(app: TestApp, jar: Jar): Promise<Session> {
  return openSession(app.ctx, `authentik_session=${jar.cookie('authentik_session') ?? ''}`);
}

/** The plan in a jar's session. */
export async function planIn(app: TestApp, jar: Jar): Promise<Plan | undefined> {
  return planOf((await sessionOf(app, jar)).state);
}

/** Signs in by the default flow. */
export async function signIn(jar: Jar, username: string, password: string): Promise<Answer> {
  const slug = 'default-authentication-flow';
  await jar.open(slug);
  await jar.answer(slug, { uid_field: username });
  return jar.answer(slug, { password });
}

type Judge = (request: PolicyRequest) => PolicyResult | Promise<PolicyResult>;

/** A verdict with what matters of its binding. */
type Judged = Body & { readonly judge: Judge };

/** Policies whose verdict a test decides. */
export function testPolicies() {
  const judges = new Map<string, Judge>();
  const kind = policyKind({
    type: 'test',
    async evaluate(uuid, request) {
      const judge = judges.get(uuid);
      if (!judge) throw new Error('This policy has no verdict.');
      return judge(request);
    },
  });
  return {
    contribution: kind satisfies Contribution,
    /** Binds a policy to a flow's or a stage binding's `policybindingmodel_ptr_id`. */
    async bind(app: TestApp, target: string, judged: Judge | Judged): Promise<string> {
      const { judge, ...binding } = typeof judged === 'function' ? { judge: judged } : judged;
      const [row] = await app.ctx.db.query<{ policy_uuid: string }>(
        `insert into policy (name, type) values ($1, 'test') returning policy_uuid`,
        [unique('policy')],
      );
      const policy = row?.policy_uuid ?? '';
      judges.set(policy, judge);
      await create(app, '/policies/bindings/', { policy, target, order: 0, ...binding });
      return policy;
    },
  };
}

export const passing = (...messages: string[]): PolicyResult => ({ passing: true, messages });
export const failing = (...messages: string[]): PolicyResult => ({ passing: false, messages });

type Probe = (request: StageRequest<object>) => void | Promise<void>;

/** Silent stages that run a function of the test: to put something into a plan, or to look into it. */
export function probeStages() {
  const probes = new Map<string, Probe>();
  const definition = defineStage<object>({
    type: 'probe',
    table: 'dummy_stage',
    settings: () => ({}),
    async challenge(request) {
      await probes.get(request.stage.pk)?.(request);
      return pass();
    },
  });
  return {
    contribution: stage(definition) satisfies Contribution,
    async build(app: TestApp, probe: Probe): Promise<string> {
      const [row] = await app.ctx.db.query<{ stage_uuid: string }>(
        `with made as (insert into stage (name, type) values ($1, 'probe') returning stage_uuid)
         insert into dummy_stage (stage_uuid, throw_error) select stage_uuid, false from made returning stage_uuid`,
        [unique('probe')],
      );
      const pk = row?.stage_uuid ?? '';
      probes.set(pk, probe);
      return pk;
    },
  };
}

/** The `policybindingmodel_ptr_id` of a flow. */
export async function flowTarget(app: TestApp, { slug }: { readonly slug: string }): Promise<string> {
  return (await app.api('GET', `/api/v3/flows/instances/${slug}/`)).body.policybindingmodel_ptr_id;
}

export { buildPromptStage, buildStage, create };
