import type { ChallengeProps } from '../../../../web/kit/challenge.ts';
import { Form, Submit } from '../../../../web/kit/form.tsx';
import { usePage } from '../../../../web/kit/page.ts';
import { PendingUser } from '../../../../web/kit/pending-user.tsx';
import { textOf } from '../../../../web/kit/read.ts';
import { catalogue } from '../../../../web/kit/words.ts';
import de from './messages.de.json';
import en from './messages.en.json';

const words = catalogue(en, de);

export const component = 'ak-stage-user-login';

/** Asks whether the session shall outlive the browser; each button is an answer. */
export function Challenge({ challenge }: ChallengeProps) {
  const say = words(usePage().locale);
  return (
    <Form fields={['remember_me']}>
      <PendingUser name={textOf(challenge.pending_user)} />
      <p class="lead">{say('question')}</p>
      <p class="help">{say('hint')}</p>
      <Submit name="remember_me" value="true">
        {say('yes')}
      </Submit>
      <Submit name="remember_me" value="false" quiet>
        {say('no')}
      </Submit>
    </Form>
  );
}
