import { offer } from '../../../../core/flows/index.ts';
import { ownPermission } from '../../../../kernel/authz/permission.ts';
import { eventAction } from '../../../../kernel/events/action.ts';
import type { Contribution } from '../../../../kernel/feature.ts';
import { rawRoute } from '../../../../kernel/http/raw-route.ts';
import { ownOperation } from '../../../../kernel/own-api/index.ts';
import { invitePermission } from './limits.ts';
import { inviteOffer } from './page/place.ts';
import { invitePage } from './page/route.ts';
import { readOwnInviting } from './operations/mine.ts';
import { deleteInviterRole, listInviterRoles, putInviterRole, readInviterRole } from './operations/roles.ts';
import { APP } from '../events.ts';
import { ACTION } from './tell.ts';

/** People who may invite within the limits of a role. */
export const inviters: readonly Contribution[] = [
  ownPermission(invitePermission),
  ...[listInviterRoles, readInviterRole, putInviterRole, deleteInviterRole, readOwnInviting].map((one) =>
    ownOperation(one),
  ),
  rawRoute(invitePage),
  offer(inviteOffer),
  eventAction({ app: APP, name: ACTION }),
];
