import type { Queryable } from '../../../kernel/db/types.ts';
import type { Json } from '../../../kernel/schema/types.ts';
import { isDecoration, isFixed, isPromptType } from './field-types.ts';
import type { PromptType } from './field-types.ts';

/** One field of a form, as it is stored. */
export type PromptRow = {
  readonly field_key: string;
  readonly label: string;
  readonly type: PromptType;
  readonly required: boolean;
  readonly placeholder: string;
  readonly initial_value: string;
  readonly order: number;
  readonly sub_text: string;
  /** Set while a plan has a value for it that nobody may type over. */
  readonly lockedTo?: Json;
};

const LIST_PROMPTS = `
  select p.field_key, p.label, p.type, p.required, p.placeholder, p.initial_value, p."order", p.sub_text
  from prompt_stage_field f join prompt p on p.prompt_uuid = f.prompt_uuid
  where f.stage_uuid = $1 order by p."order", p.name`;

type StoredPrompt = Omit<PromptRow, 'type'> & { readonly type: string };

/**
 * The fields of a stage in ascending order.
 * @throws TypeError for a type of a newer version: a field that cannot be checked must not be passed over
 */
export async function listPrompts(db: Queryable, stage: string): Promise<PromptRow[]> {
  const rows = await db.query<StoredPrompt>(LIST_PROMPTS, [stage], { brief: true });
  return rows.map((row) => {
    const { type } = row;
    if (!isPromptType(type)) throw new TypeError(`A prompt has the unknown type ${type}.`);
    return { ...row, type };
  });
}

export type PolicyRow = { readonly policy_uuid: string; readonly type: string };

/** The policies that must accept the answers of a stage. */
export function listValidationPolicies(db: Queryable, stage: string): Promise<PolicyRow[]> {
  return db.query<PolicyRow>(
    `select p.policy_uuid, p.type from prompt_stage_policy s join policy p on p.policy_uuid = s.policy_uuid
     where s.stage_uuid = $1 order by p.name`,
    [stage],
    { brief: true },
  );
}

const LIST_FLOW_PROMPTS = `
  select distinct p.field_key, p.type from flow_stage_binding b join prompt_stage_field f on f.stage_uuid = b.stage
    join prompt p on p.prompt_uuid = f.prompt_uuid
  where b.target = $1`;

/** The keys that a flow's forms ask for, without those of secrets and those that always have a value of the server's. */
export async function listOpenKeys(db: Queryable, flow: string): Promise<string[]> {
  const rows = await db.query<{ field_key: string; type: string }>(LIST_FLOW_PROMPTS, [flow]);
  const isOpen = (type: string): boolean =>
    isPromptType(type) && !isFixed(type) && !isDecoration(type) && type !== 'password';
  const closed = new Set(rows.filter(({ type }) => !isOpen(type)).map(({ field_key: key }) => key));
  return rows.map(({ field_key: key }) => key).filter((key) => !closed.has(key));
}
