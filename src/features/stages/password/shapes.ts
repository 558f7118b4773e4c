import { challengeShape, replyShape, userInfo } from '../../../core/flows/index.ts';
import { f } from '../../../kernel/resource/fields.ts';

/** The challenge (contract part 2, section 10). */
export const PasswordChallenge = challengeShape('PasswordChallenge', 'ak-stage-password', {
  ...userInfo,
  recovery_url: f.string({ required: false }),
  allow_show_password: f.boolean({ default: false, documentDefault: true }),
});

/** The answer. */
export const PasswordReply = replyShape('PasswordChallengeResponse', 'ak-stage-password', {
  password: f.text(),
});
