import type { Contribution } from './feature.ts';
import { rawRoute } from './http/raw-route.ts';
import { healthLive, healthReady } from './http/health.ts';

/** What the kernel itself brings to the extension points. */
export const kernelContributions: readonly Contribution[] = [rawRoute(healthLive), rawRoute(healthReady)];
