import { extensionPoint } from '../feature.ts';

/** One thing that somebody writes into the audit log. */
export type EventAction = {
  /** Who writes it, such as `vestibule.stages.invitation`. */
  readonly app: string;
  /** What happened: a name of the contract, such as `invitation_used`, or one of the feature's own. */
  readonly name: string;
};

/** The point through which features say what they write; what nobody registered cannot be written. */
export const eventAction = extensionPoint<EventAction>('event-action', ({ app, name }) => `${app} ${name}`);
