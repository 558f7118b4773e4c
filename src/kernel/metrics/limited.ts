import type { Counter } from './metrics.ts';

/** Requests that a limit refused, by the limit's kind: a name that somebody declared, never who was limited. */
export const limited: Counter = {
  name: 'vestibule_limited_requests_total',
  help: 'Requests refused by a limit.',
  labels: ['kind'],
};
