import type { Parameter } from '../db/types.ts';
import { extensionPoint } from '../feature.ts';
import type { Registry } from '../feature.ts';

/**
 * Tells the brand of a host inside the statement that writes an event: it is the one of that moment, in every process, and
 * nothing is asked before.
 */
export type EventBrand = {
  /** What the statement is given of a host. Without one it is given null. */
  readonly value: (host: string) => Parameter;
  /** SQL of a jsonb that names the brand, `{}` where there is none. In: the place of the value, with its type. */
  readonly sql: (place: string) => string;
  readonly sqlType: string;
};

/** The point through which the one implementation comes. */
export const eventBrand = extensionPoint<EventBrand>('event-brand', () => 'event-brand');

const NONE: EventBrand = { sqlType: 'jsonb', value: () => null, sql: (place) => `coalesce(${place}, '{}')` };

/** The one that is registered; without it events name no brand. */
export const eventBrandOf = (registry: Registry): EventBrand => registry.find(eventBrand, 'event-brand') ?? NONE;
