import type { Settings } from '../../../core/flows/index.ts';
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

/** The fields of a stage in ascending order, and the policies that must accept the answers: SQL over its row `t`. */
export const LISTS = {
  fields: `(
    select coalesce(json_agg(json_build_object('field_key', p.field_key, 'label', p.label, 'type', p.type,
        'required', p.required, 'placeholder', p.placeholder, 'initial_value', p.initial_value, 'order', p."order",
        'sub_text', p.sub_text) order by p."order", p.name), '[]')
      from prompt_stage_field f join prompt p on p.prompt_uuid = f.prompt_uuid where f.stage_uuid = t.stage_uuid)`,
  policies: `(
    select coalesce(json_agg(json_build_object('policy_uuid', p.policy_uuid, 'type', p.type) order by p.name), '[]')
      from prompt_stage_policy s join policy p on p.policy_uuid = s.policy_uuid where s.stage_uuid = t.stage_uuid)`,
};

/**
 * One field.
 * @throws TypeError for a type of a newer version: a field that cannot be checked must not be passed over
 */
export function readPrompt(row: Settings): PromptRow {
  const type = row.text('type');
  if (!isPromptType(type)) throw new TypeError(`A prompt has the unknown type ${type}.`);
  return {
    field_key: row.text('field_key'),
    label: row.text('label'),
    type,
    required: row.flag('required'),
    placeholder: row.text('placeholder'),
    initial_value: row.text('initial_value'),
    order: row.integer('order'),
    sub_text: row.text('sub_text'),
  };
}

export type PolicyRow = { readonly policy_uuid: string; readonly type: string };

/** One of the policies. */
export function readPolicy(row: Settings): PolicyRow {
  return { policy_uuid: row.text('policy_uuid'), type: row.text('type') };
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

/** A form of a flow that asks for a password, and the policies that must accept its answers. */
export type PasswordForm = {
  readonly fields: readonly { readonly field_key: string; readonly type: string }[];
  readonly policies: readonly PolicyRow[];
};

const LIST_PASSWORD_FORMS = `
  select ${LISTS.fields} as fields, ${LISTS.policies} as policies from prompt_stage t
  where exists (select 1 from flow_stage_binding b where b.target = $1 and b.stage = t.stage_uuid)
    and exists (select 1 from prompt_stage_field f join prompt p on p.prompt_uuid = f.prompt_uuid
      where f.stage_uuid = t.stage_uuid and p.type = 'password')
  order by t.stage_uuid`;

/** The forms of a flow that ask for a password. */
export function listPasswordForms(db: Queryable, flow: string): Promise<PasswordForm[]> {
  return db.query<PasswordForm>(LIST_PASSWORD_FORMS, [flow]);
}
