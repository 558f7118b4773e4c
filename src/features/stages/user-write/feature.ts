import { refusedName, stage } from '../../../core/flows/index.ts';
import { mailCause, mailFolder } from '../../../core/outbox/index.ts';
import { eventAction } from '../../../kernel/events/action.ts';
import { defineFeature } from '../../../kernel/feature.ts';
import { resource } from '../../../kernel/resource/resource.ts';
import { task } from '../../../kernel/tasks/task.ts';
import { knownAddressAsName, knownAddressMail, tellKnownAddress } from './known-address.ts';
import { passwordMail } from './password-changed.ts';
import { UserWriteStage } from './resources/user-write-stage.ts';
import { userWriteStage } from './stage.ts';

export default defineFeature({
  name: 'stages/user-write',
  provides: [
    resource(UserWriteStage),
    stage(userWriteStage),
    task(tellKnownAddress),
    refusedName(knownAddressAsName),
    mailCause(knownAddressMail),
    mailCause(passwordMail),
    mailFolder({ name: 'stages/user-write', url: new URL('./mail/', import.meta.url) }),
    eventAction({ app: 'vestibule.stages.user_write', name: 'user_write' }),
    eventAction({ app: 'vestibule.stages.user_write', name: 'password_set' }),
    eventAction({ app: 'vestibule.stages.user_write', name: 'suspicious_request' }),
  ],
});
