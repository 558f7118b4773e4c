import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Context } from '../../../kernel/context.ts';
import { authentication } from '../../../kernel/authz/authentication.ts';
import { noMatch, notAuthenticated, notFound, permissionDenied } from '../../../kernel/errors/catalogue.ts';
import type { HttpRequest, Reply } from '../../../kernel/http/message.ts';
import type { RawRoute } from '../../../kernel/http/raw-route.ts';
import { parseUuid } from '../../../kernel/schema/uuid.ts';
import { viewPermissionOf } from '../exporting.ts';
import { FILES } from '../file-path.ts';
import { findExport, findPart } from '../store.ts';
import type { ExportRow } from '../store.ts';

const expand = promisify(gunzip);

async function* readParts({ db }: Context, { id, parts }: ExportRow): AsyncGenerator<Buffer> {
  for (let number = 0; number < parts; number++) {
    const part = await findPart(db, id, number);
    if (!part) throw new Error(`Export ${id} was deleted while it was downloaded.`);
    yield await expand(part);
  }
}

/**
 * The export that a request may have. Its content takes the right to see every object of its kind, now and not only
 * when it was made; another's export also the right to see exports. Throws ApiError 403 and 404.
 */
async function findAllowed(ctx: Context, request: HttpRequest): Promise<ExportRow> {
  const authenticate = ctx.registry.find(authentication, 'authentication');
  const { actor } = (await authenticate?.(ctx, request)) ?? {};
  if (!actor) throw notAuthenticated();
  const id = parseUuid(request.params['id'] ?? '');
  if (id === undefined) throw notFound();
  const found = await findExport(ctx.db, id);
  const mine = found?.requested_by === actor.id;
  if (!mine && !actor.can('authentik_reports.view_dataexport')) throw permissionDenied();
  if (!found?.completed) throw noMatch('DataExport');
  if (!actor.can(viewPermissionOf(found.model))) throw permissionDenied();
  return found;
}

/** Downloads the file of an export, with a token or from the browser. */
export const exportFile: RawRoute = {
  methods: ['GET'],
  path: FILES,
  async handle(ctx, request): Promise<Reply> {
    const found = await findAllowed(ctx, request);
    const name = `${found.model.split('.')[1] ?? 'export'}-${found.id}.csv`;
    const headers = {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
      'content-length': found.bytes,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    };
    return { status: 200, headers, stream: Readable.from(readParts(ctx, found), { objectMode: false }) };
  },
};
