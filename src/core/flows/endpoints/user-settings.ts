import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { extensionPoint } from '../../../kernel/feature.ts';
import type { RequestContext } from '../../../kernel/context.ts';
import { Stage } from '../resources/stage.ts';

export type UserSettingEntry = {
  readonly object_uid: string;
  readonly component: string;
  readonly title: string;
  readonly configure_url?: string;
};

/** Stages that a user can set up for themselves; a stage feature contributes how its own are listed. */
export type UserSettingSource = {
  readonly name: string;
  list(ctx: RequestContext): Promise<readonly UserSettingEntry[]>;
};

export const userSettings = extensionPoint<UserSettingSource>('user-settings', (value) => value.name);

const UserSetting = defineShape(
  'UserSetting',
  {
    object_uid: f.string(),
    component: f.string(),
    title: f.string(),
    configure_url: f.string({ required: false }),
    icon_url: f.string({ required: false }),
  },
  { description: 'Serializer for User settings for stages and sources' },
);

/** What the caller can set up for themselves. */
export const userSettingsList = defineEndpoint({
  on: Stage,
  detail: false,
  method: 'GET',
  path: 'user_settings/',
  operationId: 'stages_all_user_settings_list',
  permission: null,
  responses: { 200: { array: UserSetting } },
  async handle(ctx) {
    const lists = await Promise.all(ctx.registry.all(userSettings).map((source) => source.list(ctx)));
    return lists.flat();
  },
});
