import type { ChangeLog } from '../../kernel/events/change-log.ts';
import { CHANGE_APP } from '../../kernel/events/change-log.ts';
import { MASK } from './cleanse.ts';

/** The audit log as a part of the statements that change what the API shows. */
export const auditedChanges: ChangeLog = {
  insert: ({ action, user, context, clientIp, brand, from }) =>
    `insert into event (action, app, user_data, context, client_ip, brand)` +
    ` select '${action}', '${CHANGE_APP}', ${user}, ${context}, ${clientIp}, ${brand} ${from}`,
  cleanse: (expression) => `event_cleanse(${expression})`,
  mask: MASK,
};
