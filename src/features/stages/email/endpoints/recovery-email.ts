import { baseUrl } from '../../../../core/flows/index.ts';
import { countRecent, findTemplate, queueMail, requireMail } from '../../../../core/outbox/index.ts';
import { User } from '../../../../core/users/index.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import { ValidationError } from '../../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../../kernel/resource/fields.ts';
import { modelOf } from '../../../../kernel/resource/model.ts';
import { createParameters } from '../../../../kernel/resource/parameters.ts';
import { scopeConditions } from '../../../../kernel/resource/scope.ts';
import { parseTimedelta } from '../../../../kernel/schema/timedelta.ts';
import { MAIL_CAUSE, objectOf } from '../mail-cause.ts';
import { issueRecovery, readDuration } from '../recovery/issue.ts';
import { planRecovery, recoveredUser } from '../recovery/plan.ts';
import { EmailStage } from '../resources/email-stage.ts';
import { UNTIL_IT_LEAVES, linkMail } from '../send.ts';
import { findMailing } from '../store.ts';
import type { Mailing } from '../store.ts';

const UserRecoveryEmail = defineShape(
  'UserRecoveryEmail',
  { token_duration: f.string({ required: false }), email_stage: f.uuid() },
  { description: 'Payload to create and email a recovery link' },
);

const refused = (message: string) => new ValidationError({ non_field_errors: [message] });

/** The stage by which the mail leaves, among those that the caller may see. @throws 400 */
async function mailingOf(ctx: RequestContext, stage: string): Promise<Mailing> {
  const model = modelOf(EmailStage, ctx.registry);
  const parameters = createParameters();
  const place = parameters.add(stage, 'uuid');
  const conditions = [`${model.key} = ${place}`, model.visible, ...scopeConditions(ctx, model, parameters)];
  const from = `${model.rows} where ${conditions.join(' and ')}`;
  const mailing = await findMailing(ctx.db, { from, parameters });
  if (!mailing) throw refused('Email stage not found.');
  return mailing;
}

/** Mails somebody a link by which they get back into their account, by the named e-mail stage of the recovery flow. */
export const recoveryEmail = defineEndpoint({
  on: User,
  method: 'POST',
  path: 'recovery_email/',
  operationId: 'core_users_recovery_email_create',
  description: 'Send an email with a temporary link that a user can use to recover their account',
  permission: 'authentik_core.reset_user_password',
  body: UserRecoveryEmail,
  responses: { 204: null },
  async handle(ctx, { object, body: { token_duration: duration, email_stage: stage }, request }) {
    const whose = await recoveredUser(ctx, object);
    const { user, address } = whose;
    const asked = readDuration(duration);
    const mailing = await mailingOf(ctx, stage);
    if (mailing.useGlobal) requireMail(ctx);
    const base = baseUrl(ctx, request);
    const recovery = await planRecovery(ctx, request, { ...whose, stage });
    const template = await findTemplate(ctx, mailing.template);
    if (!template) throw new Error(`There is no mail template ${mailing.template}.`);
    const window = parseTimedelta(mailing.window) ?? 0;
    const lifetime = asked ?? parseTimedelta(mailing.tokenExpiry) ?? 0;
    const token = ctx.random.uuid();
    await ctx.db.transaction(async (tx) => {
      if ((await countRecent(tx, { cause: MAIL_CAUSE, address, seconds: window })) >= mailing.maxMails) {
        throw refused('This address was mailed too often; try again later.');
      }
      const issue = { recovery, base, token, seconds: UNTIL_IT_LEAVES, mailed: true };
      const url = await issueRecovery(ctx, tx, issue);
      const content = { object: objectOf(stage, token, asked), template, subject: mailing.subject, url, lifetime };
      const mail = linkMail({ user, address, base }, content);
      await queueMail(ctx, tx, [{ ...mail, ...(ctx.actor ? { userId: ctx.actor.id } : {}) }]);
    });
  },
});
