import { eventAction } from '../../kernel/events/action.ts';

const app = 'vestibule.core.sessions';

/** What this module writes into the audit log. */
export const sessionEvents = [
  eventAction({ app, name: 'impersonation_started' }),
  eventAction({ app, name: 'impersonation_ended' }),
];

export { app as sessionsApp };
