import type { Context } from '../context.ts';
import { extensionPoint } from '../feature.ts';
import type { HttpRequest, Reply } from './message.ts';

/** What a person sees whose address leads nowhere. Clients, and everybody below `/api/`, get JSON (contract D14). */
export type MissingPage = {
  readonly name: string;
  show(ctx: Context, request: HttpRequest): Promise<Reply>;
  /** What a client gets that asks too often. */
  throttled(ctx: Context, request: HttpRequest): Promise<Reply>;
};

export const missingPage = extensionPoint<MissingPage>('missing-page', ({ name }) => name);

/** Whether a browser asks for a page to look at. A client that takes anything is not one. */
export function looksForPage({ method, path, headers }: HttpRequest): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead && !path.startsWith('/api/') && headers.accept?.includes('text/html') === true;
}
