import type { GaugeSource } from '../../kernel/metrics/gauge.ts';
import { countStates } from './store.ts';

const STATES = ['queued', 'deferred', 'failed', 'cancelled'] as const;

/** Recipients by state; those that were reached are counted by `vestibule_mail_deliveries_total`. */
export const outboxGauges: GaugeSource = {
  name: 'outbox',
  async read({ db }) {
    const counts = await countStates(db).catch(() => undefined);
    if (!counts) return [];
    const samples = STATES.map((state) => ({
      labels: [`state="${state}"`],
      value: counts.find((row) => row.state === state)?.count ?? 0,
    }));
    return [
      { name: 'vestibule_mail_recipients', help: 'Recipients of mails by state, but for those reached.', samples },
    ];
  },
};
