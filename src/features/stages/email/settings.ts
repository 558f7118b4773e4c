import type { Settings as Row } from '../../../core/flows/index.ts';
import { parseTimedelta } from '../../../kernel/schema/timedelta.ts';

export type Settings = {
  readonly useGlobal: boolean;
  /** Empty: the template's own. */
  readonly subject: string;
  readonly template: string;
  readonly activates: boolean;
  /** Mails to one address in a window of so many seconds. */
  readonly maxMails: number;
  readonly window: number;
};

/** Parses a row of `email_stage`. */
export function readSettings(row: Row): Settings {
  return {
    useGlobal: row.flag('use_global_settings'),
    subject: row.text('subject'),
    template: row.text('template'),
    activates: row.flag('activate_user_on_success'),
    maxMails: row.integer('recovery_max_attempts'),
    window: parseTimedelta(row.text('recovery_cache_timeout')) ?? 0,
  };
}
