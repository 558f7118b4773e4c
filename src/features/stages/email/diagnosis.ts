import type { Diagnosis } from '../../../kernel/doctor/point.ts';
import { listMailingFlows } from './store.ts';

/** Flows that nobody can finish, because no mail is sent. */
export const examineEmailStages: Diagnosis = {
  name: 'email-stages',
  async examine({ config, db }) {
    if (config.smtpUrl) return [];
    const flows = await listMailingFlows(db);
    return flows.map((slug) => `The flow ${slug} sends mail, and no server is configured: set VESTIBULE_SMTP_URL.`);
  },
};
