import { afterRestore } from '../../kernel/backup/points.ts';
import { command } from '../../kernel/cli/command.ts';
import { diagnosis } from '../../kernel/doctor/point.ts';
import { eventAction } from '../../kernel/events/action.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { startStep } from '../../kernel/lifecycle.ts';
import { gaugeSource } from '../../kernel/metrics/gauge.ts';
import { task } from '../../kernel/tasks/task.ts';
import { cancelRestored } from './after-restore.ts';
import { mailCause } from './cause.ts';
import { listMail, previewMail, resendCommand, testMail } from './cli.ts';
import { deliverMail } from './deliver.ts';
import { examineMail } from './diagnosis.ts';
import { drainOutbox } from './drain.ts';
import { APP } from './events.ts';
import { outboxGauges } from './gauges.ts';
import { checkMailTemplates } from './start.ts';
import { purgeOutbox, sweepOutbox } from './tasks.ts';
import { mailFolder } from './template.ts';

export default defineFeature({
  name: 'outbox',
  provides: [
    task(deliverMail),
    task(drainOutbox),
    task(sweepOutbox),
    task(purgeOutbox),
    mailFolder({ name: 'outbox', url: new URL('./mail/', import.meta.url) }),
    mailCause({ name: 'test' }),
    startStep(checkMailTemplates),
    command(testMail),
    command(previewMail),
    command(listMail),
    command(resendCommand),
    diagnosis(examineMail),
    gaugeSource(outboxGauges),
    afterRestore(cancelRestored),
    eventAction({ app: APP, name: 'email_sent' }),
    eventAction({ app: APP, name: 'email_failed' }),
  ],
});
