import { choiceKind, objectKind } from '../../kernel/resource/kinds/structured.ts';
import type { Kind } from '../../kernel/resource/field.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import { EVENT_ACTIONS } from './actions.ts';
import type { WireAction } from './actions.ts';
import { cleanse } from './cleanse.ts';

export const actionKind: Kind<WireAction> = choiceKind('EventActions', EVENT_ACTIONS);

/** An object whose secrets are masked before it is stored, whoever sends it. */
export const cleansedKind: Kind<JsonObject> = {
  ...objectKind,
  encode: (value) => objectKind.encode(cleanse(value) as JsonObject),
};
