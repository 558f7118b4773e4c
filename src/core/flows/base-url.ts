import type { Context } from '../../kernel/context.ts';
import { ApiError } from '../../kernel/errors/api-error.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/;

/**
 * Our own origin for links in answers and mails: the configured one, never a request header; without a configured one
 * only a loopback host is believed (contract D9, T20).
 * @throws ApiError 400
 */
export function baseUrl(ctx: Context, request: HttpRequest): string {
  if (ctx.config.publicUrl) return ctx.config.publicUrl;
  if (LOOPBACK.test(request.host)) return `${request.protocol}://${request.host}`;
  throw new ApiError(400, { detail: 'VESTIBULE_PUBLIC_URL is not set, so no link can be made.' });
}
