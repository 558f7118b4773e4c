import { pendingUserIdentifier } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import type { EmbeddedPassword } from './embedded-password.ts';
import type { Settings } from './settings.ts';
import { findSlugs } from './store.ts';

/** Links to related flows; each carries the page's query string along (contract part 2, 11.4). */
async function relatedUrls({ ctx, settings, query }: StageRequest<Settings>): Promise<JsonObject> {
  const related = [
    ['enroll_url', settings.enrollmentFlow],
    ['recovery_url', settings.recoveryFlow],
    ['passwordless_url', settings.passwordlessFlow],
  ] as const;
  const wanted = related.flatMap(([, flow]) => (flow === undefined ? [] : [flow]));
  const slugs = await findSlugs(ctx.db, wanted);
  const search = query.size > 0 ? `?${query.toString()}` : '';
  const urls = related.flatMap(([key, flow]) => {
    const slug = flow === undefined ? undefined : slugs.get(flow);
    return slug === undefined ? [] : [[key, `/if/flow/${slug}/${search}`] as const];
  });
  return Object.fromEntries(urls);
}

/** The challenge (contract part 2, section 10). Captchas, passkeys and sources do not exist here yet. */
export async function identificationForm(
  request: StageRequest<Settings>,
  embedded: EmbeddedPassword | undefined,
): Promise<JsonObject> {
  const { settings, flow, plan } = request;
  return {
    user_fields: [...settings.userFields],
    pending_user_identifier: plan.get(pendingUserIdentifier) ?? null,
    password_fields: embedded !== undefined,
    allow_show_password: embedded?.allowShowPassword ?? false,
    flow_designation: flow.designation,
    captcha_stage: null,
    ...(await relatedUrls(request)),
    primary_action: flow.designation === 'authentication' ? 'Log in' : 'Continue',
    sources: [],
    show_source_labels: settings.showSourceLabels,
    enable_remember_me: settings.enableRememberMe,
    passkey_challenge: null,
  };
}
