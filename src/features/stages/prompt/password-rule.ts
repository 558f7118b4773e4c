import { promptData } from '../../../core/flows/index.ts';
import type { PasswordRule } from '../../../core/flows/index.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { listPasswordForms } from './store.ts';
import type { PasswordForm } from './store.ts';
import { refusalsOf } from './validation-policies.ts';

/** The answers to a form as if the password had been typed there: what else it asks for is what the plan has of it. */
function answersOf({ fields }: PasswordForm, data: JsonObject, password: string): JsonObject {
  const answers = fields.flatMap(({ field_key: key, type }) => {
    const value = type === 'password' ? password : Object.hasOwn(data, key) ? data[key] : undefined;
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(answers);
}

/** Holds a password that is chosen elsewhere in a flow to the validation policies of its forms that ask for one (E09). */
export const promptPasswords: PasswordRule = {
  name: 'prompt',
  async refusals(request, password) {
    const { ctx, flow, plan } = request;
    const data = plan.get(promptData) ?? {};
    const refusals: string[] = [];
    for (const form of await listPasswordForms(ctx.db, flow.flow_uuid)) {
      refusals.push(...(await refusalsOf(request, form.policies, answersOf(form, data, password))));
    }
    return [...new Set(refusals)];
  },
};
