import { defineStage, pass } from '../../../core/flows/index.ts';
import { eventUser } from '../../../kernel/events/event-user.ts';

/** Ends the login of the session; a visitor who is not logged in passes. */
export const userLogoutStage = defineStage<object>({
  type: 'user_logout',
  table: 'user_logout_stage',
  settings: () => ({}),
  async challenge({ ctx, session }) {
    const { user } = session;
    if (!user) return pass();
    return pass(async ({ tx, login }) => {
      login(null);
      await ctx.events.record(tx, {
        action: 'logout',
        app: 'vestibule.stages.user_logout',
        user: eventUser(user),
        clientIp: ctx.clientIp,
      });
    });
  },
});
