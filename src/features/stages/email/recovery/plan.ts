import { brandFlow } from '../../../../core/brands/index.ts';
import { PlanDraft, findFlow, isRestored, pendingUser, planFlow } from '../../../../core/flows/index.ts';
import type { FlowRow } from '../../../../core/flows/index.ts';
import { findUser, userIdOf, userPolicy } from '../../../../core/users/index.ts';
import type { UserRow } from '../../../../core/users/index.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import { ValidationError, permissionDenied } from '../../../../kernel/errors/index.ts';
import type { HttpRequest } from '../../../../kernel/http/message.ts';
import type { Row } from '../../../../kernel/resource/resource.ts';
import { parseEmail } from '../../../../kernel/schema/email.ts';

/** The recovery of one account, made ready by somebody else. */
export type Recovery = {
  readonly user: UserRow;
  readonly address: string;
  readonly flow: FlowRow;
  /** The e-mail stage with which it begins, and asks who opened the link. */
  readonly stage: { readonly pk: string; readonly name: string };
  readonly draft: PlanDraft;
};

const refused = (message: string) => new ValidationError({ non_field_errors: [message] });

/**
 * Whose recovery the caller may begin.
 * @throws 403 for an account that can do more than the caller (A23); 400 for one that nobody may use (A18), or without address
 */
export async function recoveredUser(ctx: RequestContext, object: Row): Promise<{ user: UserRow; address: string }> {
  const id = userIdOf(object);
  if (!(await userPolicy.mayControl(ctx.db, ctx.actor, id))) throw permissionDenied();
  const user = await findUser(ctx.db, id);
  const address = user && parseEmail(user.email);
  if (!user?.isActive) throw refused('The user is not active.');
  if (address === undefined) throw refused('User does not have an email address set.');
  return { user, address };
}

/**
 * Plans the recovery flow of the request's brand for somebody, from an e-mail stage on: who the link is of is known, and that
 * stage asks whoever opens it, so that neither a look nor a press of a button uses it (T04).
 * @param stage the e-mail stage; by default the flow's first
 */
export async function planRecovery(
  ctx: RequestContext,
  request: HttpRequest,
  of: { readonly user: UserRow; readonly address: string; readonly stage?: string },
): Promise<Recovery> {
  const { user, address } = of;
  const slug = await brandFlow(ctx, request.host, 'flow_recovery');
  const flow = slug === undefined ? undefined : await findFlow(ctx.db, slug);
  if (!flow) throw refused('No recovery flow set.');
  const context = { [pendingUser.name]: user.id, [isRestored.name]: true };
  const planned = await planFlow({ ctx, flow, user: undefined, context, link: {}, useCache: false });
  if (planned.kind === 'not_applicable') throw refused('Recovery flow not applicable to user');
  const { bindings } = planned.plan;
  const at = bindings.findIndex((one) => one.type === 'email' && (of.stage === undefined || one.stage === of.stage));
  const first = bindings[at];
  if (!first) {
    if (of.stage !== undefined)
      throw new ValidationError({ email_stage: ['The recovery flow does not have this stage.'] });
    throw refused('The recovery flow has no e-mail stage, which asks who opens the link.');
  }
  const draft = new PlanDraft({ ...planned.plan, bindings: bindings.slice(at) });
  // Set by whoever restores it.
  draft.delete(isRestored);
  return { user, address, flow, stage: { pk: first.stage, name: first.stageName }, draft };
}
