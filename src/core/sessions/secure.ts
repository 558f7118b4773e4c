import type { Context } from '../../kernel/context.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';

type Asked = { readonly ctx: Context; readonly request: HttpRequest };

/** Whether the browser speaks TLS with us, so that cookies can be `Secure`: it says so itself, or we are set up for it. */
export function isSecure({ ctx: { config }, request }: Asked): boolean {
  return request.protocol === 'https' || config.publicUrl?.startsWith('https:') === true;
}
