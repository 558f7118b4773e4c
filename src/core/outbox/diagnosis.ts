import type { Diagnosis } from '../../kernel/doctor/point.ts';
import { createMail } from '../../kernel/mail/smtp.ts';
import { countStates } from './store.ts';

/** Mail: whether the server lets us in, and whom it did not take mail for. None is needed until somebody wants to send. */
export const examineMail: Diagnosis = {
  name: 'mail',
  async examine({ config, db }) {
    const states = await countStates(db);
    const count = (...wanted: string[]) =>
      states.filter(({ state }) => wanted.includes(state)).reduce((sum, one) => sum + one.count, 0);
    const [failed, waiting] = [count('failed'), count('queued', 'deferred')];
    const given =
      failed === 0 ? [] : [`Mail to ${failed} people could not be delivered: "vestibule mail list" has them.`];
    if (!config.smtpUrl) {
      if (waiting === 0) return given;
      return [`Mail to ${waiting} people waits: set VESTIBULE_SMTP_URL and VESTIBULE_MAIL_FROM.`, ...given];
    }
    const mail = createMail(config.smtpUrl, config.mailFrom);
    const fault = await mail.check().finally(() => mail.close());
    const unreachable = fault === undefined ? [] : [`The mail server ${config.smtpUrl.host} cannot be used: ${fault}`];
    return [...unreachable, ...given];
  },
};
