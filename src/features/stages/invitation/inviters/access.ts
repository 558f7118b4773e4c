import type { RequestContext } from '../../../../kernel/context.ts';
import { Problem, problems } from '../../../../kernel/own-api/index.ts';
import type { Access } from '../../../../kernel/own-api/index.ts';
import { parseUuid } from '../../../../kernel/schema/uuid.ts';
import { mayInvite } from './limits.ts';
import { isOwn } from './store.ts';

/** Who an access lets in, and besides them who may invite within limits. */
export function orInviters(access: Access): Access {
  return {
    ...access,
    async check(ctx, request) {
      if (!mayInvite(ctx)) await access.check(ctx, request);
    },
  };
}

async function passes(access: Access, ...args: Parameters<Access['check']>): Promise<boolean> {
  try {
    await access.check(...args);
    return true;
  } catch {
    return false;
  }
}

const owns = async ({ db, actor }: RequestContext, id: string | undefined): Promise<boolean> =>
  id !== undefined && actor !== undefined && isOwn(db, id, actor.id);

/**
 * Who an access lets in, and who may invite within limits to what they made themselves; anything else is not there for
 * these, as long as they may not view it otherwise (T15).
 */
export function orOwners(access: Access, view: Access): Access {
  return {
    ...access,
    async check(ctx, request) {
      try {
        await access.check(ctx, request);
      } catch (error) {
        if (!mayInvite(ctx)) throw error;
        if (await owns(ctx, parseUuid(request.params['id'] ?? ''))) return;
        throw (await passes(view, ctx, request)) ? error : new Problem(problems.notFound);
      }
    },
  };
}
