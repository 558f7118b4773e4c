import { seed } from '../../../core/blueprints/index.ts';
import { stage } from '../../../core/flows/index.ts';
import { mailCause, mailFolder } from '../../../core/outbox/index.ts';
import { eventAction } from '../../../kernel/events/action.ts';
import { diagnosis } from '../../../kernel/doctor/point.ts';
import { defineFeature } from '../../../kernel/feature.ts';
import { endpoint } from '../../../kernel/http/endpoint.ts';
import { resource } from '../../../kernel/resource/resource.ts';
import { examineEmailStages } from './diagnosis.ts';
import { recovery } from './endpoints/recovery.ts';
import { recoveryEmail } from './endpoints/recovery-email.ts';
import { templates } from './endpoints/templates.ts';
import { APP } from './events.ts';
import { emailStageMail } from './mail-cause.ts';
import { RECOVERY_LINK } from './recovery/issue.ts';
import { recoverySeed } from './seed.ts';
import { EmailStage } from './resources/email-stage.ts';
import { emailStage } from './stage.ts';

export default defineFeature({
  name: 'stages/email',
  provides: [
    resource(EmailStage),
    endpoint(templates),
    endpoint(recovery),
    endpoint(recoveryEmail),
    stage(emailStage),
    seed(recoverySeed),
    diagnosis(examineEmailStages),
    mailCause(emailStageMail),
    mailFolder({ name: 'stages/email', url: new URL('./mail/', import.meta.url) }),
    eventAction({ app: APP, name: 'email_confirmed' }),
    eventAction({ app: APP, name: 'password_set' }),
    eventAction(RECOVERY_LINK),
  ],
});
