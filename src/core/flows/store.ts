import type { Queryable } from '../../kernel/db/types.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import { boundPolicies } from '../policies/index.ts';
import type { PolicyBindingRow } from '../policies/index.ts';
import type { InvalidResponseAction, PlanBinding } from './plan.ts';

export type FlowRow = {
  readonly flow_uuid: string;
  readonly pbm_uuid: string;
  readonly name: string;
  readonly slug: string;
  readonly title: string;
  readonly designation: string;
  readonly background: string;
  readonly policy_engine_mode: string;
  readonly layout: string;
  readonly denied_action: string;
  readonly authentication: string;
};

// Of what every step of a flow asks.
const BRIEF = { brief: true };

const FLOW = `flow_uuid, pbm_uuid, name, slug, title, designation, background, policy_engine_mode, layout,
  denied_action, authentication`;

/** The flow of that slug. */
export async function findFlow(db: Queryable, slug: string): Promise<FlowRow | undefined> {
  const [row] = await db.query<FlowRow>(`select ${FLOW} from flow where slug = $1`, [slug], BRIEF);
  return row;
}

/** The flows of a designation, by slug. */
export function listFlows(db: Queryable, designation: string): Promise<FlowRow[]> {
  return db.query<FlowRow>(`select ${FLOW} from flow where designation = $1 order by slug collate "C"`, [designation]);
}

type BindingRow = {
  fsb_uuid: string;
  pbm_uuid: string;
  policy_engine_mode: string;
  evaluate_on_plan: boolean;
  re_evaluate_policies: boolean;
  invalid_response_action: InvalidResponseAction;
  stage_uuid: string;
  name: string;
  type: string;
};

export type PlannedBinding = PlanBinding & { readonly evaluateOnPlan: boolean };

const LIST_BINDINGS = `
  select b.fsb_uuid, b.pbm_uuid, b.policy_engine_mode, b.evaluate_on_plan, b.re_evaluate_policies,
    b.invalid_response_action, s.stage_uuid, s.name, s.type
  from flow_stage_binding b join stage s on s.stage_uuid = b.stage
  where b.target = $1 order by b."order", b.fsb_uuid`;

/** The bindings of a flow in ascending order. */
export async function listBindings(db: Queryable, flow: string): Promise<PlannedBinding[]> {
  const rows = await db.query<BindingRow>(LIST_BINDINGS, [flow]);
  return rows.map((row) => ({
    binding: row.fsb_uuid,
    policyTarget: row.pbm_uuid,
    policyMode: row.policy_engine_mode,
    reEvaluate: row.re_evaluate_policies,
    evaluateOnPlan: row.evaluate_on_plan,
    stage: row.stage_uuid,
    stageName: row.name,
    type: row.type,
    invalidResponseAction: row.invalid_response_action,
  }));
}

/** A stage as it is about to run: its settings as its own table has them, null when it is gone; its binding's policies. */
export type Step = { readonly settings: JsonObject | null; readonly policies: readonly PolicyBindingRow[] };

/** Where a stage's settings are; constants of its definition, never input. */
export type SettingsSource = {
  readonly table: string;
  /** Further settings by name: SQL over the table's row `t`, such as a list that is kept in a table of its own. */
  readonly lists: { readonly [name: string]: string };
};

/** Which step of whose plan. */
export type StepKey = { readonly binding: PlanBinding; readonly userId: number | undefined };

function settingsSql({ table, lists }: SettingsSource): string {
  const more = Object.entries(lists).map(([name, sql]) => `'${name}', ${sql}`);
  const row = more.length === 0 ? 'to_jsonb(t)' : `to_jsonb(t) || jsonb_build_object(${more.join(', ')})`;
  return `${row} from ${table} t where t.stage_uuid = $1::uuid`;
}

function stepSql(source: SettingsSource | undefined): string {
  const settings = source === undefined ? '$1::jsonb' : settingsSql(source);
  return `(select ${settings}) as settings, ${boundPolicies('$2', '$3')} as policies`;
}

const stepValues = (source: SettingsSource | undefined, { binding, userId }: StepKey) =>
  [source === undefined ? null : binding.stage, binding.policyTarget, userId ?? null] as const;

/**
 * The settings of a stage and the policies of its binding, in one statement.
 * @param source undefined for a stage of an unknown type
 */
export async function findStep(db: Queryable, source: SettingsSource | undefined, key: StepKey): Promise<Step> {
  const [row] = await db.query<Step>(`select ${stepSql(source)}`, stepValues(source, key), BRIEF);
  return row ?? { settings: null, policies: [] };
}

/** The flow of that slug with a step of it, in one statement; undefined when there is no such flow. */
export async function findFlowWithStep(
  db: Queryable,
  slug: string,
  { source, key }: { readonly source: SettingsSource | undefined; readonly key: StepKey },
): Promise<(FlowRow & Step) | undefined> {
  const text = `select ${FLOW}, ${stepSql(source)} from flow where slug = $4`;
  const [row] = await db.query<FlowRow & Step>(text, [...stepValues(source, key), slug], BRIEF);
  return row;
}

/** What a plan begins with. */
export type Planning = {
  /** The flow's own. */
  readonly policies: readonly PolicyBindingRow[];
  /** The cached bindings, null when there are none or their time is over. */
  readonly bindings: readonly PlanBinding[] | null;
};

/** A flow's policies, and its plan as cached for a user or for everybody anonymous. */
export async function findPlanning(
  db: Queryable,
  { flow_uuid: flow, pbm_uuid: target }: FlowRow,
  { userId, userKey }: { readonly userId: number | undefined; readonly userKey: string },
): Promise<Planning> {
  const [row] = await db.query<Planning>(
    `select ${boundPolicies('$1', '$2')} as policies,
      (select bindings from flow_plan_cache where flow_uuid = $3 and user_key = $4 and expires > now()) as bindings`,
    [target, userId ?? null, flow, userKey],
    BRIEF,
  );
  return row ?? { policies: [], bindings: null };
}

/** How long a plan is remembered, in seconds. */
export const PLAN_CACHE_SECONDS = 300;

/** Keeps the bindings of a plan for 300 seconds. */
export async function cachePlan(
  db: Queryable,
  plan: { flow: string; userKey: string; bindings: readonly PlanBinding[] },
): Promise<void> {
  await db.query(
    `insert into flow_plan_cache (flow_uuid, user_key, bindings, expires)
     select flow_uuid, $2, $3::jsonb, now() + make_interval(secs => $4) from flow where flow_uuid = $1
     on conflict (flow_uuid, user_key) do update set bindings = excluded.bindings, expires = excluded.expires`,
    [plan.flow, plan.userKey, JSON.stringify(plan.bindings), PLAN_CACHE_SECONDS],
  );
}

/** Drops every cached plan. Answers how many there were. */
export async function clearPlanCache(db: Queryable): Promise<number> {
  const rows = await db.query('delete from flow_plan_cache returning flow_uuid');
  return rows.length;
}

/** How many plans are cached, over all flows. */
export async function countCachedPlans(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    'select count(*)::integer as count from flow_plan_cache where expires > now()',
  );
  return row?.count ?? 0;
}

/** Deletes expired cached plans and flow tokens. */
export async function purge(db: Queryable): Promise<void> {
  await db.query('delete from flow_plan_cache where expires < now()');
  await db.query('delete from flow_token where expires < now()');
}

export type FlowTokenRow = {
  token_uuid: string;
  flow_uuid: string;
  user_id: number | null;
  plan: Buffer;
  revoke_on_execution: boolean;
};

/** The unexpired flow token with that key hash, whose user, if it has one, is active. */
export async function findFlowToken(db: Queryable, keyHash: string): Promise<FlowTokenRow | undefined> {
  const [row] = await db.query<FlowTokenRow>(
    `select t.token_uuid, t.flow_uuid, t.user_id, t.plan, t.revoke_on_execution
     from flow_token t left join users u on u.id = t.user_id
     where t.key_hash = $1 and (t.expires is null or t.expires > now()) and (t.user_id is null or u.is_active)`,
    [keyHash],
  );
  return row;
}

/** Stores a flow token; one of the same identifier is replaced. */
export async function putFlowToken(
  db: Queryable,
  token: {
    uuid: string;
    identifier: string;
    keyHash: string;
    flow: string;
    userId: number | undefined;
    plan: Buffer;
    revokeOnExecution: boolean;
    seconds: number | undefined;
  },
): Promise<void> {
  await db.query(
    `insert into flow_token (identifier, key_hash, flow_uuid, user_id, plan, revoke_on_execution, expires, token_uuid)
     values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7), $8)
     on conflict (identifier) do update set token_uuid = excluded.token_uuid, key_hash = excluded.key_hash, flow_uuid = excluded.flow_uuid,
       user_id = excluded.user_id, plan = excluded.plan, revoke_on_execution = excluded.revoke_on_execution,
       expires = excluded.expires`,
    [
      token.identifier,
      token.keyHash,
      token.flow,
      token.userId ?? null,
      token.plan,
      token.revokeOnExecution,
      token.seconds ?? null,
      token.uuid,
    ],
  );
}

const TAKE = `delete from flow_token where token_uuid = $1 and (expires is null or expires > clock_timestamp())
  returning token_uuid`;

/** Deletes a flow token. False when it was gone or expired already: of concurrent callers one gets true. */
export async function takeFlowToken(db: Queryable, tokenUuid: string): Promise<boolean> {
  return (await db.query(TAKE, [tokenUuid])).length === 1;
}

/** Lets a flow token's time begin now. False when it is gone, or a newer one took its place. */
export async function startFlowToken(db: Queryable, tokenUuid: string, seconds: number): Promise<boolean> {
  const text = `update flow_token set expires = clock_timestamp() + make_interval(secs => $2::double precision)
    where token_uuid = $1 returning token_uuid`;
  return (await db.query(text, [tokenUuid, seconds])).length === 1;
}

/** Deletes the flow token of that identifier. */
export async function deleteFlowToken(db: Queryable, identifier: string): Promise<string | undefined> {
  const text = 'delete from flow_token where identifier = $1 returning key_hash';
  const [row] = await db.query<{ key_hash: string }>(text, [identifier]);
  return row?.key_hash;
}

/** Deletes every flow token of a user, and those whose identifiers are like an SQL pattern. */
export async function endFlowTokens(db: Queryable, userId: number, identifiers: string): Promise<void> {
  await db.query('delete from flow_token where user_id = $1 or identifier like $2', [userId, identifiers]);
}

export type DiagramRow = {
  name: string;
  type: string;
  policies: { kind: string; name: string }[];
};

const POLICIES = (target: string): string => `(
  select coalesce(json_agg(json_build_object(
    'kind', case when p.policy is not null then 'Policy' when p.group_uuid is not null then 'Group' else 'User' end,
    'name', coalesce(y.name, g.name, u.username)) order by p."order"), '[]')
  from policy_binding p left join policy y on y.policy_uuid = p.policy
    left join groups g on g.group_uuid = p.group_uuid left join users u on u.id = p.user_id
  where p.target = ${target} and p.enabled)`;

/** What a diagram of a flow shows. */
export async function findDiagram(
  db: Queryable,
  flow: string,
): Promise<{ policies: DiagramRow['policies']; steps: DiagramRow[] }> {
  const [own] = await db.query<{ policies: DiagramRow['policies'] }>(
    `select ${POLICIES('f.pbm_uuid')} as policies from flow f where f.flow_uuid = $1`,
    [flow],
  );
  const steps = await db.query<DiagramRow>(
    `select s.name, s.type, ${POLICIES('b.pbm_uuid')} as policies
     from flow_stage_binding b join stage s on s.stage_uuid = b.stage where b.target = $1
     order by b."order", b.fsb_uuid`,
    [flow],
  );
  return { policies: own?.policies ?? [], steps };
}
