import { stageBase } from '../../../../core/flows/index.ts';
import { findTemplate } from '../../../../core/outbox/index.ts';
import { ValidationError } from '../../../../kernel/errors/index.ts';
import type { Fields } from '../../../../kernel/resource/field.ts';
import { f } from '../../../../kernel/resource/fields.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';
import type { Change } from '../../../../kernel/resource/resource.ts';
import { sealPassword } from '../connection.ts';
import { setPassword } from '../store.ts';

const HOST = /^[a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?$/i;
const MAX_PORT = 65_535;
const MAX_TIMEOUT = 60;

type Input = {
  readonly host?: string;
  readonly port?: number;
  readonly timeout?: number;
  readonly template?: string;
  readonly subject?: string;
};

const within = (value: number | undefined, least: number, most: number): boolean =>
  value === undefined || (value >= least && value <= most);

/** The password goes into a column that no answer can show. */
async function storePassword({ tx, ctx, input, after }: Pick<Change<Fields>, 'tx' | 'ctx' | 'input' | 'after'>) {
  const { password } = input as { readonly password?: string };
  if (password === undefined) return;
  await setPassword(tx, String(after?.['stage_uuid']), password === '' ? null : sealPassword(ctx, password));
}

/** The settings of an e-mail stage (contract part 2, 11.4). */
export const EmailStage = defineResource({
  name: 'EmailStage',
  model: 'authentik_stages_email.emailstage',
  path: '/stages/email/',
  table: 'email_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'email',
    component: 'ak-stage-email-form',
    model: 'authentik_stages_email.emailstage',
    verboseName: 'Email Stage',
    description: 'Sends an Email to the user with a token to confirm their Email address.',
  }),
  fields: {
    use_global_settings: f.boolean({
      required: false,
      description:
        'When enabled, global Email connection settings will be used and connection settings below will be ignored.',
    }),
    host: f.string({ required: false }),
    port: f.integer({ required: false }),
    username: f.string({ required: false, blank: true }),
    password: f.input(f.text({ required: false, blank: true })),
    use_tls: f.boolean({ required: false }),
    use_ssl: f.boolean({ required: false }),
    timeout: f.integer({ required: false }),
    from_address: f.email({ required: false, maxLength: 254 }),
    token_expiry: f.timedelta({
      required: false,
      description: 'Time the token sent is valid (Format: hours=3,minutes=17,seconds=300).',
    }),
    subject: f.string({ required: false }),
    template: f.string({ required: false }),
    activate_user_on_success: f.boolean({
      required: false,
      description: 'Activate users upon completion of stage.',
    }),
    recovery_max_attempts: f.integer({ required: false, minimum: 0 }),
    recovery_cache_timeout: f.timedelta({
      required: false,
      description:
        'The time window used to count recent account recovery attempts. If the number of attempts exceed ' +
        'recovery_max_attempts within this period, further attempts will be rate-limited. (Format: ' +
        'hours=1;minutes=2;seconds=3).',
    }),
  },
  filters: [
    'name',
    'use_global_settings',
    'host',
    'port',
    'username',
    'use_tls',
    'use_ssl',
    'timeout',
    'from_address',
    'token_expiry',
    'subject',
    'template',
    'activate_user_on_success',
  ],
  search: ['name'],
  ordering: ['name'],
  async validate({ host, port, timeout, template, subject }: Input, { ctx }) {
    const faults: Record<string, string[]> = {};
    if (host !== undefined && !HOST.test(host)) faults['host'] = ['Enter a host name or an IP address.'];
    if (!within(port, 1, MAX_PORT)) faults['port'] = [`A port is a number from 1 to ${MAX_PORT}.`];
    if (!within(timeout, 1, MAX_TIMEOUT)) faults['timeout'] = [`A number of seconds from 1 to ${MAX_TIMEOUT}.`];
    if (subject !== undefined && /[\p{Cc}]/u.test(subject)) faults['subject'] = ['A subject is one line.'];
    if (template !== undefined && !(await findTemplate(ctx, template)))
      faults['template'] = ['There is no such template.'];
    if (Object.keys(faults).length > 0) throw new ValidationError(faults);
  },
  onCreate: storePassword,
  onUpdate: storePassword,
});
