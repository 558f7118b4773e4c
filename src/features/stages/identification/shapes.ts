import { Flow, challengeShape, replyShape, userInfo } from '../../../core/flows/index.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';

const { designation = f.string() } = Flow.fields;

const CaptchaChallenge = challengeShape('CaptchaChallenge', 'ak-stage-captcha', {
  ...userInfo,
  site_key: f.string(),
  js_url: f.string(),
  interactive: f.boolean(),
});

const LoginSource = defineShape(
  'LoginSource',
  {
    name: f.string(),
    icon_url: f.string({ nullable: true, required: false }),
    promoted: f.boolean({ default: false, documentDefault: true }),
    challenge: f.object(),
  },
  { description: 'Serializer for Login buttons of sources' },
);

/** The challenge (contract part 2, section 10). */
export const IdentificationChallenge = challengeShape('IdentificationChallenge', 'ak-stage-identification', {
  user_fields: f.list(f.string(), { nullable: true, required: true }),
  pending_user_identifier: f.string({ nullable: true, required: false }),
  password_fields: f.boolean(),
  allow_show_password: f.boolean({ default: false, documentDefault: true }),
  application_pre: f.string({ required: false }),
  application_pre_launch: f.string({ required: false }),
  flow_designation: designation,
  captcha_stage: f.shape(CaptchaChallenge, { nullable: true, required: false }),
  enroll_url: f.string({ required: false }),
  recovery_url: f.string({ required: false }),
  passwordless_url: f.string({ required: false }),
  primary_action: f.string(),
  sources: f.list(f.shape(LoginSource), { required: false }),
  show_source_labels: f.boolean(),
  enable_remember_me: f.boolean({ default: true, documentDefault: true }),
  passkey_challenge: f.object({ nullable: true, required: false }),
});

/** The answer. */
export const IdentificationReply = replyShape('IdentificationChallengeResponse', 'ak-stage-identification', {
  uid_field: f.string({ nullable: true, blank: true, required: false }),
  password: f.string({ nullable: true, blank: true, required: false }),
  captcha_token: f.string({ nullable: true, blank: true, required: false }),
  passkey: f.object({ nullable: true, required: false }),
});
