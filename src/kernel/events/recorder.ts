import { extensionPoint } from '../feature.ts';
import type { Registry } from '../feature.ts';
import type { Events } from './types.ts';

/**
 * Who writes the audit log; exactly one feature does. Made once, from what is registered.
 * @throws for a registered action that cannot be one: the boot stops
 */
export const eventRecorder = extensionPoint<(registry: Registry) => Events>('event-recorder', () => 'event-recorder');
