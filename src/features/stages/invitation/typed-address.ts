import { fieldError } from '../../../core/flows/index.ts';
import type { AnswerCheck, ResponseErrors } from '../../../core/flows/index.ts';
import { failuresOfAddress, insist, take } from '../../../core/limits/index.ts';
import { isAllowedAddress } from './address.ts';
import { OTHER_ADDRESS } from './errors.ts';
import { ADDRESS } from './keep-address.ts';
import { REDEEM } from './redeem.ts';
import { findRestriction } from './store.ts';

/**
 * Tells who types an address that the plan's invitation is not for, before the commit would deny the whole flow (E08). A
 * network may try only so many: whose address it is, is nobody's to guess (T24).
 */
export const typedAddress: AnswerCheck = {
  name: 'invitation',
  async check({ ctx, plan }, { email }): Promise<ResponseErrors> {
    if (typeof email !== 'string' || email === '') return {};
    for (const { name, data } of plan.commits) {
      if ((name !== REDEEM && name !== ADDRESS) || typeof data['id'] !== 'string') continue;
      const allowed = (await findRestriction(ctx.db, data['id'])) ?? [];
      if (isAllowedAddress(allowed, email)) continue;
      insist(await take(ctx, failuresOfAddress(ctx, 'invitation.address')));
      return { email: fieldError(OTHER_ADDRESS, 'invalid') };
    }
    return {};
  },
};
