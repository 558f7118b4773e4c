import type { RequestContext } from '../../../../../kernel/context.ts';
import type { HttpRequest } from '../../../../../kernel/http/message.ts';
import { Problem, defineRead } from '../../../../../kernel/own-api/index.ts';
import { linkOf } from '../link.ts';
import { noLink } from '../problems.ts';
import { encodeQrPng, encodeSvg } from '../qr.ts';
import type { InvitationRow } from '../store.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams } from '../subject.ts';

function linkFor(place: { ctx: RequestContext; request: HttpRequest }, row: InvitationRow): string {
  const { link } = linkOf(place, row);
  if (link === null) throw new Problem(noLink);
  return link;
}

const common = {
  tag: TAG,
  description: 'Of one with a secret link the answer that made the link has the code.',
  access: accessToOwn(),
  params: oneParams,
  subject: invitation,
  problems: [noLink],
} as const;

/** GET /invitations/{id}/qr.svg */
export const qrSvg = defineRead({
  ...common,
  operationId: 'readInvitationQrSvg',
  path: `${ONE}/qr.svg`,
  summary: 'The link as a QR code in SVG',
  responses: { 200: { media: 'image/svg+xml' } },
  handle: (ctx, { object, request }) => ({ value: encodeSvg(linkFor({ ctx, request }, object)) }),
});

/** GET /invitations/{id}/qr.png */
export const qrPng = defineRead({
  ...common,
  operationId: 'readInvitationQrPng',
  path: `${ONE}/qr.png`,
  summary: 'The link as a QR code in PNG',
  responses: { 200: { media: 'image/png' } },
  handle: (ctx, { object, request }) => ({ value: encodeQrPng(linkFor({ ctx, request }, object)) }),
});
