import type { RequestContext } from '../../../../../kernel/context.ts';
import { Problem, defineProblem, defineRead, holdersOn, t } from '../../../../../kernel/own-api/index.ts';
import type { Json, JsonObject } from '../../../../../kernel/schema/types.ts';
import { Invitation } from '../../resources/invitation.ts';
import { COLUMNS, FACTS, writeCsv } from '../bulk/csv.ts';
import { writableOf } from '../columns.ts';
import { conditionsOf, criteria } from '../criteria.ts';
import { invitationType } from '../fields.ts';
import { linkOf } from '../link.ts';
import { listInvitations } from '../store.ts';
import type { InvitationRow } from '../store.ts';
import { TAG, permissionTo, represent } from '../subject.ts';

/** One answer holds no more, so that its memory has a bound. */
const MOST = 10_000;

const tooMany = defineProblem({
  code: 'too_many_to_export',
  status: 409,
  title: 'Too many to export',
  about: `One export holds up to ${MOST} invitations. Narrow it down by a filter, or go through the list by its cursors.`,
});

const common = {
  tag: TAG,
  access: holdersOn(Invitation, { permissions: [permissionTo('view')] }),
  query: criteria,
  problems: [tooMany],
} as const;

async function chosen(ctx: RequestContext, query: Parameters<typeof conditionsOf>[1]): Promise<InvitationRow[]> {
  const { conditions, parameters } = conditionsOf(ctx, query);
  const rows = await listInvitations(ctx.db, { conditions, parameters, after: undefined, limit: MOST + 1 });
  if (rows.length > MOST) throw new Problem(tooMany);
  return rows;
}

/** GET /invitations/export.json */
export const exportJson = defineRead({
  ...common,
  operationId: 'exportInvitationsAsJson',
  path: '/invitations/export.json',
  summary: 'All invitations of a filter as JSON',
  responses: { 200: t.list(invitationType) },
  async handle(ctx, { query, request }) {
    return { value: (await chosen(ctx, query)).map((row) => represent(ctx, row, request)) };
  },
});

/** A value as a cell that an import reads again. */
function cellOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(';');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

// The link goes last: whoever reads by position has the others where they were.
const LINK = 'link';
const FIRST = FACTS.filter((column) => column !== LINK);
// What only an import says, and what is in fixed_data anyway.
const FIELDS = COLUMNS.filter((column) => !['with_code', 'email'].includes(column));

/** GET /invitations/export.csv */
export const exportCsv = defineRead({
  ...common,
  operationId: 'exportInvitationsAsCsv',
  path: '/invitations/export.csv',
  summary: 'All invitations of a filter as CSV',
  description:
    'The last column has the links, but those of secret ones, of what has ended and of what leads nowhere; no codes. An ' +
    'import takes it and makes new links. Cells that a spreadsheet might run begin with an apostrophe.',
  responses: { 200: { media: 'text/csv' } },
  async handle(ctx, { query, request }) {
    const rows = (await chosen(ctx, query)).map((row) => {
      const values: JsonObject = { ...writableOf(row), secret_link: row.secret_link };
      const facts = FIRST.map((key) => String(row[key]));
      return [...facts, ...FIELDS.map((key) => cellOf(values[key])), linkOf({ ctx, request }, row).link ?? ''];
    });
    return {
      value: writeCsv([[...FIRST, ...FIELDS, LINK], ...rows]),
      headers: { 'content-disposition': 'attachment; filename="invitations.csv"' },
    };
  },
});
