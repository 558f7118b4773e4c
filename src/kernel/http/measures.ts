import { LATENCY_BUCKETS } from '../metrics/metrics.ts';
import type { Counter, Histogram } from '../metrics/metrics.ts';

/** Requests by the pattern of their route, never by their path: paths carry tokens. */
export const requests: Counter = {
  name: 'vestibule_http_requests_total',
  help: 'Requests answered.',
  labels: ['route', 'method', 'status'],
};

/** From the first byte of the handler to the answer. */
export const durations: Histogram = {
  name: 'vestibule_http_request_duration_seconds',
  help: 'Time from a request to its answer.',
  labels: ['route', 'method'],
  buckets: LATENCY_BUCKETS,
};
