import { Flow } from '../../../../core/flows/index.ts';
import { PartialUser } from '../../../../core/users/index.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import type { Parameter } from '../../../../kernel/db/types.ts';
import { f } from '../../../../kernel/resource/fields.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';
import { linkSecretHash, newSecret } from '../secret.ts';

// Nobody is shown this secret: the wire has no place for it. Mails carry one of their own, and `rotate` makes another.
function secretOf({ config, random, vault }: RequestContext): Readonly<Record<string, Parameter>> {
  return config.secretLinks === true ? { secret_hash: linkSecretHash({ vault }, newSecret(random)) } : {};
}

/** An invitation (contract part 1, section 2). */
export const Invitation = defineResource({
  name: 'Invitation',
  model: 'authentik_stages_invitation.invitation',
  path: '/stages/invitation/invitations/',
  table: 'invitation',
  key: 'invite_uuid',
  fields: {
    pk: f.uuid({ readOnly: true, column: 'invite_uuid' }),
    name: f.slug({ maxLength: 50 }),
    expires: f.dateTime({ nullable: true, required: false }),
    fixed_data: f.object({ required: false }),
    created_by: f.nested(() => PartialUser, { column: 'created_by', onDelete: 'cascade' }),
    single_use: f.boolean({ required: false }),
    flow: f.pk(() => Flow, { nullable: true, required: false, onDelete: 'cascade' }),
    // null when `flow` is, though the schema does not say so (contract part 1, 2.2).
    flow_obj: f.nested(() => Flow, { via: 'flow' }),
  },
  filters: ['name', 'created_by__username', 'expires', 'flow__slug'],
  search: ['name', 'created_by__username', 'expires', 'flow__slug'],
  searchIndices: { name: 'invitation_search' },
  counted: {
    by: ['flow', 'created_by', ['flow', 'created_by']],
    heavy: ['name', 'expires', 'flow', 'created_by'],
    except: (alias) => `${alias}.open and ${alias}.expires <= now()`,
  },
  checks: {
    invitation_single_use_unused: {
      field: 'single_use',
      message: 'It was used already, so it cannot become one for single use; delete it to end it.',
    },
  },
  ordering: ['-expires'],
  // By hand: see endpoints/destroy.ts.
  except: ['destroy'],
  // Used up or expired ones are gone from the API; the clean-up has no say in it (contract D3, D4).
  visible: (alias) => `(${alias}.open and (${alias}.expires is null or ${alias}.expires > now()))`,
  text: (alias) =>
    `'Invitation ' || ${alias}.invite_uuid || ' created by ' || (select u.username from users u where u.id = ${alias}.created_by)`,
  defaults: (ctx) => ({ created_by: ctx.actor?.id ?? null, ...secretOf(ctx) }),
});
