import type { Context } from '../../kernel/context.ts';
import type { Actor } from '../../kernel/authz/actor.ts';
import type { Fields } from '../../kernel/resource/field.ts';
import { createList } from '../../kernel/resource/list.ts';
import { modelOf } from '../../kernel/resource/model.ts';
import type { Model } from '../../kernel/resource/model.ts';
import { createParameters } from '../../kernel/resource/parameters.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { isJsonObject, jsonText } from '../../kernel/schema/types.ts';
import type { Json } from '../../kernel/schema/types.ts';
import type { ExportRow } from './store.ts';

/** The permission to see every object of a model: what an export needs, from the request to the download. */
export function viewPermissionOf(model: string): string {
  const [app, name] = model.split('.');
  return `${app}.view_${name}`;
}

/** The query of a request as it is kept: a repeated key has a list. Pages mean nothing here. */
export function queryObject(query: URLSearchParams): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const key of new Set(query.keys())) {
    const values = query.getAll(key);
    if (key === 'page' || key === 'page_size') continue;
    kept[key] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return kept;
}

function searchParams(query: ExportRow['query_params']): URLSearchParams {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    [value].flat().map((one): [string, string] => [key, one]),
  );
  return new URLSearchParams(pairs);
}

/** The rows that an export is of: `from … where …` with its values, and their order. Throws ValidationError. */
export async function chosenRows(ctx: Context, actor: Actor, of: Pick<ExportRow, 'model' | 'query_params'>) {
  const found = ctx.registry.all(resource).find((one) => one.model === of.model);
  if (!found) throw new Error(`No feature brings the model ${of.model}.`);
  const model = modelOf(found, ctx.registry);
  const list = createList(model);
  const query = searchParams(of.query_params);
  const parameters = createParameters();
  const clause = await list.clause({ actor, db: ctx.db }, query, parameters);
  return { model, clause, order: list.order(query), values: parameters.values };
}

/** The keys that a list shows, in their order. */
export function columnsOf(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([key, field]) => (field.access === 'write' ? [] : [key]));
}

/** A row's values in the order of the columns. */
export function valuesOf(
  model: Model,
  row: { readonly value: string; readonly columns: readonly string[] },
  constants: { readonly config: Context['config']; readonly actor: Actor },
): (Json | undefined)[] {
  const shown: Json = JSON.parse(jsonText(model.present(row.value, constants)));
  return row.columns.map((key) => (isJsonObject(shown) ? shown[key] : undefined));
}
