import { defineStage, lockedData, pass, planKey, promptData } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import { failuresOfAddress, insist, look, take } from '../../../core/limits/index.ts';
import { mergeJson } from '../../../kernel/schema/merge.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import { parseUuid } from '../../../kernel/schema/uuid.ts';
import { invalidInvitation } from './errors.ts';
import type { Promised } from './accept/store.ts';
import { NOBODYS, NOTHING, SECRET_KEY, proofOf } from './proof.ts';
import { REDEEM, leadOn } from './redeem.ts';
import * as invitations from './store.ts';
import type { UsableInvitation } from './store.ts';

type Settings = { readonly continueWithout: boolean };
type Request = StageRequest<Settings>;

/** True from a valid invitation on; policies read it. */
const invitationInEffect = planKey('invitation_in_effect', (value) => (value === true ? value : undefined));
/** The invitation; policies read its name and fixed data. */
const invitation = planKey('invitation', (value) => (isJsonObject(value) ? value : undefined));

/** The token of the first place that has one (contract part 2, 1.1); present but empty counts as none. */
function findToken({ query, plan }: Request): string | undefined {
  const inQuery = query.get('itoken') ?? query.get('token');
  if (inQuery !== null) return inQuery;
  const typed = plan.get(promptData)?.['token'];
  return typeof typed === 'string' ? typed : undefined;
}

/** A usable invitation, with what shows that the visitor may use it. */
type Found = { readonly invitation: UsableInvitation & Promised; readonly proof: string };

async function findInvitation(request: Request): Promise<Found | undefined> {
  const { ctx, flow, query } = request;
  // What is no id is looked for as well, so that it takes as long (T07).
  const id = parseUuid(findToken(request) ?? '') ?? NOBODYS;
  const survivesCreator = ctx.config.invitationsSurviveInactiveCreator;
  const usable = await invitations.findUsable(ctx.db, { id, flow: flow.flow_uuid, survivesCreator });
  const proof = proofOf(ctx, usable ?? NOTHING, query.get(SECRET_KEY));
  return usable && proof !== undefined ? { invitation: usable, proof } : undefined;
}

/**
 * The invitation, within the limit on wrong links of one network (T07). A wrong one is counted before it is answered;
 * beyond the limit a valid one is refused like all others, so that guessing on tells nothing.
 * @throws ApiError 429, 503
 */
async function findWithinLimit(request: Request): Promise<Found | undefined> {
  if (!findToken(request)) return undefined;
  const limit = failuresOfAddress(request.ctx, 'invitation.link');
  const [found, verdict] = await Promise.all([findInvitation(request), look(request.ctx, limit)]);
  insist(verdict);
  if (!found) insist(await take(request.ctx, limit));
  return found;
}

/** Contract part 2, 1.2: three keys in the plan and a commit step; the invitation itself is left as it is (D4). */
function takeEffect({ plan }: Request, { invitation: found, proof }: Found): void {
  const { invite_uuid: id, name, fixed_data: fixed, single_use } = found;
  // After a restart that kept the context the data is in the plan already.
  const merged = plan.commits.some((commit) => commit.name === REDEEM && commit.data['id'] === id);
  plan.set(invitationInEffect, true);
  plan.set(invitation, { pk: id, name, fixed_data: fixed, single_use });
  if (found.locked) plan.set(lockedData, fixed);
  leadOn(plan, found.redirect);
  if (merged) return;
  const base = plan.get(promptData) ?? {};
  plan.set(promptData, mergeJson(base, fixed));
  const { groups, roles } = found;
  plan.leaveCommit({
    name: REDEEM,
    data: { id, base, fixed_data: fixed, proof, groups: [...groups], roles: [...roles] },
  });
}

const canonical = (token: string): string => parseUuid(token) ?? token;

/** Finds the token, checks the invitation, merges its fixed data into the plan. Silent: GET and POST alike. */
export const invitationStage = defineStage<Settings>({
  type: 'invitation',
  table: 'invitation_stage',
  settings: (row) => ({ continueWithout: row.flag('continue_flow_without_invitation') }),
  linkKeys: { itoken: canonical, token: canonical, [SECRET_KEY]: (value) => value },
  async challenge(request) {
    const found = await findWithinLimit(request);
    if (found) takeEffect(request, found);
    else if (!request.settings.continueWithout) throw invalidInvitation();
    return pass();
  },
});
