import type { MissingPage } from '../../../kernel/http/missing-page.ts';
import { showError, showThrottled } from '../page/show.ts';

/** The page in words of an address that leads nowhere. */
export const nothingHere: MissingPage = {
  name: 'nothing-here',
  show: (ctx, request) => showError(ctx, request, { status: 404, kind: 'not-found' }),
  throttled: showThrottled,
};
