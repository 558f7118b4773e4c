import type { Context } from '../context.ts';
import { extensionPoint } from '../feature.ts';
import type { HttpRequest } from '../http/message.ts';
import type { Authentication } from '../http/pipeline.ts';

/**
 * Tells who asks. Out: the actor, or none when nothing was presented. Throws ApiError (403) for credentials that do not
 * hold (contract part 1, 1.1).
 */
export type Authenticate = (ctx: Context, request: HttpRequest) => Promise<Authentication>;

/** The point through which the one implementation comes; a second one stops the boot. */
export const authentication = extensionPoint<Authenticate>('authentication', () => 'authentication');
