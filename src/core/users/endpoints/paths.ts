import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { findPaths } from '../store.ts';

const UserPath = defineShape('UserPath', { paths: f.list(f.string(), { readOnly: true }) });

/** The paths that users have, each once. */
export const paths = defineEndpoint({
  method: 'GET',
  path: '/core/users/paths/',
  operationId: 'core_users_paths_retrieve',
  description: 'Get all user paths',
  permission: 'authentik_core.view_user',
  query: { search: f.string({ required: false, description: 'A search term.' }) },
  responses: { 200: UserPath },
  async handle({ db }, { query: { search } }) {
    return { paths: await findPaths(db, search ?? '') };
  },
});
