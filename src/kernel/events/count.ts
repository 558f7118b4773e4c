import type { Counter, Metrics } from '../metrics/metrics.ts';
import type { Events } from './types.ts';

/** What happened in this process, by action: logins, refused ones, invitations used. */
const counted: Counter = {
  name: 'vestibule_events_total',
  help: 'Audit events written by this process.',
  labels: ['action'],
};

/** Counts each event once its transaction is committed; what was rolled back did not happen. */
export function countEvents(events: Events, metrics: Metrics): Events {
  return {
    async record(tx, event) {
      await events.record(tx, event);
      tx.afterCommit(() => metrics.count(counted, [event.action]));
    },
    part(parameters, event, made) {
      const { sql, committed } = events.part(parameters, event, made);
      return {
        sql,
        committed() {
          committed();
          metrics.count(counted, [event.action]);
        },
      };
    },
    told(action) {
      events.told(action);
      metrics.count(counted, [action]);
    },
  };
}
