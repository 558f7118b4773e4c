import type { ChallengeProps } from '../../../../web/kit/challenge.ts';
import { Form, Submit } from '../../../../web/kit/form.tsx';
import { Notice } from '../../../../web/kit/notice.tsx';
import { usePage } from '../../../../web/kit/page.ts';
import { PasswordField } from '../../../../web/kit/password-input.tsx';
import { TextField } from '../../../../web/kit/text-input.tsx';
import { catalogue } from '../../../../web/kit/words.ts';
import type { Say } from '../../../../web/kit/words.ts';
import de from './messages.de.json';
import en from './messages.en.json';

type Key = keyof typeof en;

const words = catalogue(en, de);

export const component = 'ak-stage-email';

/** Says that a mail was sent, or asks whoever opened the link in it to go on. */
export function Challenge({ challenge }: ChallengeProps) {
  const say = words(usePage().locale);
  const { hints = [] } = challenge;
  if (hints.includes('new-password')) return <TakeOver say={say} />;
  const asksAddress = hints.includes('confirm-address');
  if (asksAddress || hints.includes('confirm')) return <Confirm say={say} asksAddress={asksAddress} />;
  return <Sent say={say} again={hints.includes('email-sent')} />;
}

function Confirm({ say, asksAddress }: { readonly say: Say<Key>; readonly asksAddress: boolean }) {
  return (
    <Form fields={['email']}>
      <p class="lead">{say(asksAddress ? 'elsewhere' : 'confirm')}</p>
      {asksAddress ? <Address say={say} /> : null}
      <Submit>{say('go')}</Submit>
    </Form>
  );
}

const Address = ({ say }: { readonly say: Say<Key> }) => (
  <TextField name="email" label={say('address')} type="email" initial="" autocomplete="email" required first />
);

function TakeOver({ say }: { readonly say: Say<Key> }) {
  return (
    <Form fields={['email', 'password', 'password_repeat']}>
      <p class="lead">{say('takeOver')}</p>
      <Address say={say} />
      <PasswordField name="password" label={say('password')} autocomplete="new-password" required mayShow />
      <PasswordField name="password_repeat" label={say('repeat')} autocomplete="new-password" required />
      <Submit>{say('go')}</Submit>
    </Form>
  );
}

function Sent({ say, again }: { readonly say: Say<Key>; readonly again: boolean }) {
  return (
    <Form fields={[]}>
      <p class="lead">{say('sent')}</p>
      <p class="help">{say('hint')}</p>
      {again ? (
        <Notice tone="info" urgent>
          <p>{say('again')}</p>
        </Notice>
      ) : null}
      <Submit quiet>{say('resend')}</Submit>
    </Form>
  );
}
