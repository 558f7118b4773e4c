import type { userSettings } from '../../../core/flows/index.ts';
import { listConfigurable } from './store.ts';

/** Password stages with a configure flow: where a person changes their own password. */
export const passwordSettings: Parameters<typeof userSettings>[0] = {
  name: 'password',
  async list({ db }) {
    const stages = await listConfigurable(db);
    return stages.map(({ stage_uuid: pk, name }) => ({
      object_uid: pk,
      component: 'ak-user-settings-password',
      title: name,
      configure_url: `/flows/-/configure/${pk}/`,
    }));
  },
};
