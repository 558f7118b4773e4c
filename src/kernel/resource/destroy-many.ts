import type { RequestContext } from '../context.ts';
import { eventSql, originOf } from './change-sql.ts';
import { visibleSql } from './model.ts';
import type { Model } from './model.ts';
import { createParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import { permittedConditions } from './scope.ts';
import { deleteSql } from './write-sql.ts';

/** Which rows: a condition over an alias, whose values go into the parameters. */
export type Chosen = {
  readonly where: (alias: string, parameters: Parameters) => string;
  /** What the caller needs, on everything or on the row; rows without it are none. */
  readonly permissions: readonly string[];
};

/**
 * Deletes all rows of a resource without hooks that are chosen, visible and permitted, and writes an event of each, in one
 * statement. Out: how many.
 */
export async function destroyMany(ctx: RequestContext, model: Model, chosen: Chosen): Promise<number> {
  const parameters = createParameters();
  const which = (alias: string): string => {
    const permitted = permittedConditions(ctx, model, { permissions: chosen.permissions, alias, parameters });
    const conditions = [visibleSql(model.resource, alias), `(${chosen.where(alias, parameters)})`, ...permitted];
    return conditions.join(' and ');
  };
  const sql = deleteSql(model, which, { many: true });
  const event = eventSql(model, { action: 'model_deleted', from: sql.before }, { origin: originOf(ctx), parameters });
  const text = `${sql.with}${event} select count(*)::integer as count ${sql.from}`;
  const [row] = await ctx.db.query<{ count: number }>(text, parameters.values, { prepare: model.mayPrepare(text) });
  return row?.count ?? 0;
}
