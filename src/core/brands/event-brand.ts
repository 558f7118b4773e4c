import type { EventBrand } from '../../kernel/events/event-brand.ts';
import { modelSql } from '../../kernel/resource/change-sql.ts';
import { domainsOf, hostName } from './host.ts';
import { Brand } from './resources/brand.ts';
import { chosenSql } from './store.ts';

/** The brand of an event's request as upstream names it: `{app, model_name, pk, name}`. */
export const brandOfEvent: EventBrand = {
  sqlType: 'text[]',
  value: (host) => domainsOf(hostName(host)),
  sql: (domains) => `coalesce((select ${modelSql({ resource: Brand }, 'b')} from brand b ${chosenSql(domains)}), '{}')`,
};
