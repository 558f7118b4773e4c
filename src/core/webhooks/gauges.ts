import type { GaugeSource } from '../../kernel/metrics/gauge.ts';
import { STATES, countStates } from './deliveries/store.ts';

/** Deliveries by state; those that arrived are counted by `vestibule_webhook_deliveries_total`. */
export const webhookGauges: GaugeSource = {
  name: 'webhooks',
  async read({ db }) {
    const counts = await countStates(db).catch(() => undefined);
    if (!counts) return [];
    const samples = STATES.filter((state) => state !== 'delivered').map((state) => ({
      labels: [`state="${state}"`],
      value: counts.find((row) => row.state === state)?.count ?? 0,
    }));
    const help = 'Events for webhooks by state, but for those delivered.';
    return [{ name: 'vestibule_webhook_deliveries', help, samples }];
  },
};
