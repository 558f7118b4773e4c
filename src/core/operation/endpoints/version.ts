import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { VERSION } from '../../../kernel/version.ts';

const Version = defineShape(
  'Version',
  {
    version_current: f.string({ readOnly: true, description: 'Get current version' }),
    version_latest: f.string({ readOnly: true, description: 'Get latest version from cache' }),
    version_latest_valid: f.boolean({ readOnly: true, description: 'Check if latest version is valid' }),
    build_hash: f.string({ readOnly: true, description: 'Get build hash, if version is not latest or released' }),
    outdated: f.boolean({ readOnly: true, description: "Check if we're running the latest version" }),
    outpost_outdated: f.boolean({
      readOnly: true,
      description: 'Check if any outpost is outdated/has a version mismatch',
    }),
  },
  { description: 'Get running and latest version.' },
);

/** Which version runs. No server is asked for a newer one, so the latest that is known is this one, and not valid. */
export const adminVersion = defineEndpoint({
  method: 'GET',
  path: '/admin/version/',
  operationId: 'admin_version_retrieve',
  description: 'Get running and latest version.',
  permission: 'authentik_rbac.view_system_info',
  responses: { 200: Version },
  handle: () => ({
    version_current: VERSION,
    version_latest: VERSION,
    version_latest_valid: false,
    build_hash: '',
    outdated: false,
    outpost_outdated: false,
  }),
});
