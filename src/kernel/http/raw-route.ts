import type { Context } from '../context.ts';
import { extensionPoint } from '../feature.ts';
import type { HttpRequest, Reply } from './message.ts';

/** A route outside the API: pages, health, files. Without permission, body parsing or API errors: it does its own. */
export type RawRoute = {
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'DELETE')[];
  /** With `{name}` segments; a trailing `*` takes the rest, under the name `*`. */
  readonly path: string;
  handle(ctx: Context, request: HttpRequest): Reply | Promise<Reply>;
  /** What a client gets that asks too often. A route without it is not throttled. */
  throttled?(ctx: Context, request: HttpRequest): Reply | Promise<Reply>;
};

export const rawRoute = extensionPoint<RawRoute>('route', (value) => `${value.methods.join(',')} ${value.path}`);
