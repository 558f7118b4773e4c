import { ValidationError } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { messages } from '../../../kernel/resource/messages.ts';
import { last, pageOf } from '../../../kernel/resource/pages.ts';
import { countAssigned, findAssigned } from '../store.ts';

const described = {
  id: f.integer({ readOnly: true }),
  codename: f.string({ readOnly: true }),
  model: f.string({ readOnly: true, title: 'Python model class name' }),
  app_label: f.string({ readOnly: true }),
};

const RoleObjectPermission = defineShape(
  'RoleObjectPermission',
  { ...described, object_pk: f.string(), name: f.string({ readOnly: true }) },
  { description: 'Role-bound object level permission' },
);

const RoleModelPermission = defineShape(
  'RoleModelPermission',
  { ...described, name: f.string({ readOnly: true }) },
  { description: 'Role-bound object level permission' },
);

const RoleAssignedObjectPermission = defineShape(
  'RoleAssignedObjectPermission',
  {
    role_pk: f.string({ readOnly: true }),
    name: f.string({ readOnly: true }),
    object_permissions: f.list(f.shape(RoleObjectPermission)),
    model_permissions: f.list(f.shape(RoleModelPermission)),
  },
  { description: 'Roles assigned object permission serializer' },
);

/** The roles that are granted something on a model, and with `object_pk` those that are on that object. */
export const assignedByRoles = defineEndpoint({
  method: 'GET',
  path: '/rbac/permissions/assigned_by_roles/',
  operationId: 'rbac_permissions_assigned_by_roles_list',
  description: 'Get assigned object permissions for a single object',
  permission: 'authentik_rbac.view_role',
  query: { model: f.string(), object_pk: f.string({ required: false }) },
  responses: { 200: { paginated: RoleAssignedObjectPermission } },
  async handle({ db }, { request, query: { model, object_pk: objectPk } }) {
    if (model === undefined) throw new ValidationError({ model: [messages.required] });
    const search = last(request.query, 'search');
    const asked = { model, objectPk: objectPk ?? null, search: search ?? null };
    const { size, offset, pagination } = pageOf(request.query, await countAssigned(db, asked));
    return { pagination, results: await findAssigned(db, asked, { size, offset }) };
  },
});
