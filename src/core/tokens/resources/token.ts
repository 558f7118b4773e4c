import { permissionDenied, ValidationError } from '../../../kernel/errors/index.ts';
import type { Fields } from '../../../kernel/resource/field.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { defineResource } from '../../../kernel/resource/resource.ts';
import type { Change, Validation } from '../../../kernel/resource/resource.ts';
import { User, userPolicy } from '../../users/index.ts';
import { forgetToken } from '../authenticate.ts';
import { newKey, storedKey } from '../key.ts';
import { keyHashOf, unexpired, userIdOf } from '../store.ts';

const UNIQUE = 'This field must be unique.';

async function refuseControl({ ctx, db }: Pick<Validation, 'ctx' | 'db'>, userId: number): Promise<void> {
  // A token speaks for its owner, so it is worth as much as the account.
  if (!(await userPolicy.mayControl(db, ctx.actor, userId))) throw permissionDenied();
}

async function validate({ user }: { readonly user?: string | number }, validation: Validation): Promise<void> {
  const { existing } = validation;
  const owner = existing && userIdOf(existing);
  // CVE-2024-37905: who may edit a token must not make it somebody else's (A14).
  if (owner !== undefined && user !== undefined && user !== owner) {
    throw new ValidationError({ user: ['The owner of a token cannot be changed.'] });
  }
  const userId = owner ?? (typeof user === 'number' ? user : undefined);
  if (userId !== undefined) await refuseControl(validation, userId);
}

/** The token as it was is good no longer, at once in this process. */
async function forget({ tx, ctx, before }: Pick<Change<Fields>, 'tx' | 'ctx' | 'before'>): Promise<void> {
  if (!before) return;
  await refuseControl({ ctx, db: tx }, userIdOf(before));
  tx.afterCommit(() => forgetToken(ctx.db, keyHashOf(before)));
}

/**
 * A token; those of intent `api` authenticate requests. Without `expires` it never expires, whatever `expiring` says
 * (contract D3); with `expiring` false its date is not looked at. An expired one is gone from the API (section 4).
 */
export const Token = defineResource({
  name: 'Token',
  model: 'authentik_core.token',
  path: '/core/tokens/',
  table: 'token',
  key: 'token_uuid',
  lookup: 'identifier',
  fields: {
    pk: f.uuid({ readOnly: true, column: 'token_uuid', title: 'Token uuid' }),
    managed: f.string({
      nullable: true,
      title: 'Managed by authentik',
      description:
        'Objects that are managed by authentik. These objects are created and updated automatically. This flag only ' +
        'indicates that an object can be overwritten by migrations. You can still modify the objects via the API, ' +
        'but expect changes to be overwritten in a later update.',
      unique: UNIQUE,
    }),
    identifier: f.slug({ maxLength: 255, unique: UNIQUE }),
    intent: f.choice('IntentEnum', ['verification', 'api', 'recovery', 'app_password'], { required: false }),
    user: f.pk(() => User, { required: false, column: 'user_id', onDelete: 'cascade' }),
    user_obj: f.nested(() => User, { via: 'user' }),
    description: f.string({ blank: true }),
    expires: f.dateTime({ nullable: true }),
    expiring: f.boolean({ required: false }),
  },
  filters: ['description', 'expires', 'expiring', 'identifier', 'intent', 'managed', 'user__username'],
  search: ['identifier', 'intent', 'user__username', 'description'],
  ordering: ['identifier', 'expires'],
  visible: unexpired,
  text: (alias) => `${alias}.identifier`,
  // The table takes who makes it for the owner, where the client names none.
  defaults(ctx) {
    const { hash, sealed } = storedKey(ctx, newKey(ctx));
    return { made_by: ctx.actor?.id ?? null, key_hash: hash, key_sealed: sealed };
  },
  validate,
  onUpdate: forget,
  onDelete: forget,
});
