import { extensionPoint } from '../feature.ts';

/** Who speaks in the events of changes through the API. */
export const CHANGE_APP = 'vestibule.api';

/** SQL of the parts of an event. */
export type ChangeParts = {
  readonly action: 'model_created' | 'model_updated' | 'model_deleted';
  /** Expressions: jsonb, jsonb, text, jsonb. */
  readonly user: string;
  readonly context: string;
  readonly clientIp: string;
  readonly brand: string;
  /** A `from` clause; each of its rows is an event. */
  readonly from: string;
};

/**
 * How events are written by the statement that makes the change they tell of, so that a change and its event are one
 * round trip. Exactly one feature brings it.
 */
export type ChangeLog = {
  /** `insert into … select …`, without a semicolon. */
  insert(parts: ChangeParts): string;
  /** A jsonb expression with what stands under telling keys masked. */
  cleanse(expression: string): string;
  /** What stands for a secret. */
  readonly mask: string;
};

export const changeLog = extensionPoint<ChangeLog>('change-log', () => 'change-log');
