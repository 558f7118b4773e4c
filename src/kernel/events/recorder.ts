import { extensionPoint } from '../feature.ts';
import type { Events } from './types.ts';

/** Who writes the audit log; exactly one feature does. */
export const eventRecorder = extensionPoint<Events['record']>('event-recorder', () => 'event-recorder');
