import type { Settings as Row } from '../../../core/flows/index.ts';

export const CREATION_MODES = ['never_create', 'create_when_required', 'always_create'] as const;
export const USER_TYPES = ['internal', 'external', 'service_account', 'internal_service_account'] as const;

export type Settings = {
  /** One of CREATION_MODES; anything else creates nobody. */
  readonly creationMode: string;
  readonly asInactive: boolean;
  readonly group: string | undefined;
  readonly userType: string;
  readonly path: string;
};

/** The stage's row, parsed. */
export function readSettings(row: Row): Settings {
  return {
    creationMode: row.text('user_creation_mode'),
    asInactive: row.flag('create_users_as_inactive'),
    group: row.optionalText('create_users_group'),
    userType: row.text('user_type'),
    path: row.text('user_path_template'),
  };
}
