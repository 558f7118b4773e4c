import type { RequestContext } from '../../../kernel/context.ts';
import { ValidationError, permissionDenied } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { reply } from '../../../kernel/http/message.ts';
import type { DirectReply, HttpRequest } from '../../../kernel/http/message.ts';
import { modelOf } from '../../../kernel/resource/model.ts';
import type { Resource } from '../../../kernel/resource/resource.ts';
import { findShownByKey } from '../../../kernel/resource/store.ts';
import { jsonText } from '../../../kernel/schema/types.ts';
import { enqueue } from '../../../kernel/tasks/task.ts';
import { Event } from '../../audit/index.ts';
import { User } from '../../users/index.ts';
import { chosenRows, queryObject, viewPermissionOf } from '../exporting.ts';
import { DataExport } from '../resources/data-export.ts';
import { countExports, insertExport, isLonger } from '../store.ts';
import { writeExport } from '../tasks.ts';

/** Some 110 MB in the database when they are events, and minutes of work (decision 0031). */
const MAX_ROWS = 1_000_000;
/** Of one user; the oldest go after a week. */
const MAX_EXPORTS = 10;

const refused = (message: string) => new ValidationError({ non_field_errors: [message] });

async function request(ctx: RequestContext, { query }: HttpRequest, model: string): Promise<DirectReply> {
  const { actor } = ctx;
  // In its own words: what is missing is not the right to ask.
  if (!actor?.can(viewPermissionOf(model))) {
    throw permissionDenied(`An export takes the permission ${viewPermissionOf(model)}.`);
  }
  const wanted = { model, query_params: queryObject(query) };
  const { clause, values } = await chosenRows(ctx, actor, wanted);
  if (await isLonger(ctx.db, { clause, values }, MAX_ROWS)) {
    throw refused(`More than ${MAX_ROWS.toLocaleString('en')} objects: use a filter.`);
  }
  return ctx.db.transaction(async (tx) => {
    if ((await countExports(tx, actor.id)) >= MAX_EXPORTS) {
      throw refused(`You have ${MAX_EXPORTS} exports already: delete one.`);
    }
    const id = await insertExport(tx, { userId: actor.id, model, query: wanted.query_params });
    await enqueue(tx, writeExport, { payload: id });
    const shown = modelOf(DataExport, ctx.registry);
    const body = jsonText(shown.present(await findShownByKey(tx, shown, id), ctx));
    const headers = { 'content-type': 'application/json', location: `/api/v3${DataExport.path}${id}/` };
    return reply({ status: 201, body, headers });
  });
}

const exportOf = (on: Resource, operationId: string) =>
  defineEndpoint({
    on,
    detail: false,
    filtered: true,
    method: 'POST',
    path: 'export/',
    operationId,
    description:
      'Create a data export for this data type. Note that the export is generated asynchronously:\n' +
      'this method returns a `DataExport` object that will initially have `completed=false` as well\n' +
      'as the permanent URL to that object in the `Location` header.\n' +
      'You can poll that URL until `completed=true`, at which point the `file_url` property will\n' +
      'contain a URL to download',
    permission: 'authentik_reports.add_dataexport',
    responses: { 201: DataExport },
    handle: (ctx, { request: asked }) => request(ctx, asked, on.model),
  });

/** Asks for a file of the events that a list would show. */
export const exportEvents = exportOf(Event, 'events_events_export_create');
/** Asks for a file of the users that a list would show. */
export const exportUsers = exportOf(User, 'core_users_export_create');
