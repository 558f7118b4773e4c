import { answerCheck, commitStep, stage, welcome } from '../../../core/flows/index.ts';
import { mailCause, mailFolder } from '../../../core/outbox/index.ts';
import { firstStartPart } from '../../../core/setup/index.ts';
import { signInBar } from '../../../core/users/index.ts';
import { afterRestore } from '../../../kernel/backup/points.ts';
import { command } from '../../../kernel/cli/command.ts';
import { eventAction } from '../../../kernel/events/action.ts';
import { diagnosis } from '../../../kernel/doctor/point.ts';
import { defineFeature } from '../../../kernel/feature.ts';
import { endpoint } from '../../../kernel/http/endpoint.ts';
import { rawRoute } from '../../../kernel/http/raw-route.ts';
import { resource } from '../../../kernel/resource/resource.ts';
import { task } from '../../../kernel/tasks/task.ts';
import { codePage, joinedPage, waitingPage } from './accept/code-page.ts';
import { invitationWelcome } from './accept/welcome.ts';
import { endedBar } from './accounts/bar.ts';
import { endAccounts, remindAccounts } from './accounts/tasks.ts';
import { approvals } from './approvals/index.ts';
import { closeInvitations } from './after-restore.ts';
import { invitationCommands } from './cli/index.ts';
import { examineInvitations, examineSearch } from './diagnosis.ts';
import { inviters } from './inviters/index.ts';
import { destroyInvitation } from './endpoints/destroy.ts';
import { sendEmail } from './endpoints/send-email.ts';
import { APP, INVITATION_EVENTS } from './events.ts';
import { invitationMail } from './mail-cause.ts';
import { noticeMail } from './notice.ts';
import { firstInvitation } from './first-invitation.ts';
import { keepAddress } from './keep-address.ts';
import { redeem } from './redeem.ts';
import { InvitationStage } from './resources/invitation-stage.ts';
import { Invitation } from './resources/invitation.ts';
import { invitationStage } from './stage.ts';
import { purgeInvitations } from './tasks.ts';
import { typedAddress } from './typed-address.ts';
import { remindInvited } from './reminders/tasks.ts';
import { ownInvitations } from './v1/index.ts';
import { invitationWebhooks } from './webhooks.ts';

export default defineFeature({
  name: 'stages/invitation',
  provides: [
    resource(Invitation),
    endpoint(destroyInvitation),
    resource(InvitationStage),
    endpoint(sendEmail),
    mailCause(invitationMail),
    mailCause(noticeMail),
    mailFolder({ name: 'stages/invitation', url: new URL('./mail/', import.meta.url) }),
    stage(invitationStage),
    firstStartPart(firstInvitation),
    commitStep(redeem),
    commitStep(keepAddress),
    answerCheck(typedAddress),
    task(purgeInvitations),
    ...invitationCommands.map((one) => command(one)),
    afterRestore(closeInvitations),
    diagnosis(examineInvitations),
    diagnosis(examineSearch),
    ...ownInvitations,
    ...inviters,
    ...approvals,
    welcome(invitationWelcome),
    rawRoute(codePage),
    rawRoute(waitingPage),
    rawRoute(joinedPage),
    task(endAccounts),
    signInBar(endedBar),
    task(remindAccounts),
    task(remindInvited),
    ...invitationWebhooks,
    ...INVITATION_EVENTS.map((name) => eventAction({ app: APP, name })),
  ],
});
