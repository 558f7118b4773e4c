import { eventAction } from '../../kernel/events/action.ts';
import { eventBrandOf } from '../../kernel/events/event-brand.ts';
import type { EventRecord, Events } from '../../kernel/events/types.ts';
import type { Registry } from '../../kernel/feature.ts';
import type { Parameters } from '../../kernel/resource/parameters.ts';
import { wireAction } from './actions.ts';
import { cleanse } from './cleanse.ts';
import { insertEvent, insertEventSql } from './store.ts';
import type { StoredEvent } from './store.ts';

// Lower case with underscores; `custom_` is what all own names become on the wire, so it is none itself.
const NAME = /^[a-z][a-z_]{0,62}[a-z]$/;

/** The context as stored: secrets masked; a feature's own action named in it, because the wire says `custom_`. */
function contextOf({ action, context = {} }: EventRecord): unknown {
  return cleanse(wireAction(action) === action ? context : { action, ...context });
}

/** Writes events into the audit log. Throws for a registered action that is no name. */
export function createEvents(registry: Registry): Events {
  const known = new Set<string>();
  for (const { app, name } of registry.all(eventAction)) {
    if (!NAME.test(name)) throw new Error(`${app} registers the event ${name}, which is no name for one.`);
    known.add(`${app} ${name}`);
  }
  const { sql, sqlType, value } = eventBrandOf(registry);
  function stored(event: EventRecord): StoredEvent {
    const { action, app, user, clientIp, host } = event;
    if (!known.has(`${app} ${action}`)) throw new Error(`${app} did not register the event ${action}.`);
    const brand = (parameters: Parameters): string =>
      sql(parameters.add(host === undefined ? null : value(host), sqlType));
    return { action: wireAction(action), app, user: user ?? {}, context: contextOf(event), clientIp, brand };
  }
  return {
    async record(tx, event) {
      insertEvent(tx, stored(event));
    },
    part: (parameters, event, made) => ({
      sql: insertEventSql(parameters, stored(event), made),
      committed: () => {},
    }),
    told: () => {},
  };
}
