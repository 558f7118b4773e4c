import type { Diagnosis } from '../../kernel/doctor/point.ts';
import { createMail } from '../../kernel/mail/smtp.ts';
import { countStates } from './store.ts';

/** Mail: whether there is a server, it lets us in, and what it would not take. */
export const examineMail: Diagnosis = {
  name: 'mail',
  async examine({ config, db }) {
    const failed = (await countStates(db)).find(({ state }) => state === 'failed')?.count ?? 0;
    const given =
      failed === 0 ? [] : [`Mail to ${failed} people could not be delivered: "vestibule mail list" has them.`];
    if (!config.smtpUrl) return ['No mail is sent: set VESTIBULE_SMTP_URL and VESTIBULE_MAIL_FROM.', ...given];
    const mail = createMail(config.smtpUrl, config.mailFrom);
    const fault = await mail.check().finally(() => mail.close());
    const unreachable = fault === undefined ? [] : [`The mail server ${config.smtpUrl.host} cannot be used: ${fault}`];
    return [...unreachable, ...given];
  },
};
