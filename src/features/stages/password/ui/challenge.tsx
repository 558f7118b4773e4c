import type { ChallengeProps } from '../../../../web/kit/challenge.ts';
import { destination } from '../../../../web/kit/destination.ts';
import { Form, Submit } from '../../../../web/kit/form.tsx';
import { usePage } from '../../../../web/kit/page.ts';
import { PasswordField } from '../../../../web/kit/password-input.tsx';
import { PendingUser } from '../../../../web/kit/pending-user.tsx';
import { flagOf, textOf } from '../../../../web/kit/read.ts';
import { catalogue } from '../../../../web/kit/words.ts';
import de from './messages.de.json';
import en from './messages.en.json';

const words = catalogue(en, de);

export const component = 'ak-stage-password';

/** Asks for the password of the pending user. */
export function Challenge({ challenge }: ChallengeProps) {
  const say = words(usePage().locale);
  const user = textOf(challenge.pending_user);
  const recovery = destination(textOf(challenge.recovery_url));
  return (
    <Form fields={['password']}>
      <PendingUser name={user} />
      {/* Tells password managers whose password it is; without a name it is not sent. */}
      <input
        class="visually-hidden"
        type="text"
        autocomplete="username"
        value={user}
        readOnly
        tabIndex={-1}
        aria-hidden="true"
      />
      <PasswordField
        name="password"
        label={say('password')}
        autocomplete="current-password"
        mayShow={flagOf(challenge.allow_show_password)}
        required
        first
      />
      <Submit>{say('signIn')}</Submit>
      {recovery ? (
        <p class="links">
          <a href={recovery}>{say('forgotten')}</a>
        </p>
      ) : null}
    </Form>
  );
}
