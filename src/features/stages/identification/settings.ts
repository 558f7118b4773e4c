import type { Settings as Row } from '../../../core/flows/index.ts';
import { USER_FIELDS } from './user-fields.ts';
import type { UserField } from './user-fields.ts';

export type Settings = {
  readonly userFields: readonly UserField[];
  readonly passwordStage: string | undefined;
  readonly caseInsensitive: boolean;
  readonly showMatchedUser: boolean;
  readonly enrollmentFlow: string | undefined;
  readonly recoveryFlow: string | undefined;
  readonly passwordlessFlow: string | undefined;
  readonly showSourceLabels: boolean;
  readonly pretendUserExists: boolean;
  readonly enableRememberMe: boolean;
};

/** The stage's row, parsed. */
export function readSettings(row: Row): Settings {
  const fields = row.texts('user_fields');
  return {
    userFields: fields.flatMap((text) => USER_FIELDS.filter((field) => field === text)),
    passwordStage: row.optionalText('password_stage'),
    caseInsensitive: row.flag('case_insensitive_matching'),
    showMatchedUser: row.flag('show_matched_user'),
    enrollmentFlow: row.optionalText('enrollment_flow'),
    recoveryFlow: row.optionalText('recovery_flow'),
    passwordlessFlow: row.optionalText('passwordless_flow'),
    showSourceLabels: row.flag('show_source_labels'),
    pretendUserExists: row.flag('pretend_user_exists'),
    enableRememberMe: row.flag('enable_remember_me'),
  };
}
