import type { Challenge as WireChallenge, ChallengeProps } from '../../../../web/kit/challenge.ts';
import { destination } from '../../../../web/kit/destination.ts';
import { Form, Submit } from '../../../../web/kit/form.tsx';
import { Notice } from '../../../../web/kit/notice.tsx';
import { usePage } from '../../../../web/kit/page.ts';
import { PasswordField } from '../../../../web/kit/password-input.tsx';
import { flagOf, recordOf, recordsOf, textOf, textsOf } from '../../../../web/kit/read.ts';
import { TextField } from '../../../../web/kit/text-input.tsx';
import { catalogue } from '../../../../web/kit/words.ts';
import type { Say } from '../../../../web/kit/words.ts';
import de from './messages.de.json';
import en from './messages.en.json';

type Key = keyof typeof en;
type PartProps = { readonly challenge: WireChallenge; readonly say: Say<Key> };

const words = catalogue(en, de);

export const component = 'ak-stage-identification';

/** Asks who is there, and for the password too where the stage embeds it. */
export function Challenge({ challenge }: ChallengeProps) {
  const page = usePage();
  const say = words(page.locale);
  const application = textOf(challenge.application_pre);
  const asks = textsOf(challenge.user_fields).length > 0;
  return (
    <>
      {application ? <p class="lead">{say('application', { application })}</p> : null}
      {asks ? <Question challenge={challenge} say={say} /> : null}
      <Sources challenge={challenge} say={say} />
      {asks || sourcesOf(challenge).length > 0 ? null : <Notice tone="info">{say('none')}</Notice>}
      <Links challenge={challenge} say={say} />
    </>
  );
}

function Question({ challenge, say }: PartProps) {
  const page = usePage();
  const fields = textsOf(challenge.user_fields);
  const withPassword = flagOf(challenge.password_fields);
  return (
    <Form fields={withPassword ? ['uid_field', 'password'] : ['uid_field']}>
      <TextField
        name="uid_field"
        label={labelOf(fields, say)}
        type={fields.join() === 'email' ? 'email' : 'text'}
        initial={textOf(challenge.pending_user_identifier)}
        autocomplete="username"
        required
        first
      />
      {withPassword ? (
        <PasswordField
          name="password"
          label={say('password')}
          autocomplete="current-password"
          mayShow={flagOf(challenge.allow_show_password)}
          required
        />
      ) : null}
      <Submit>{page.translate(textOf(challenge.primary_action)) || undefined}</Submit>
    </Form>
  );
}

const KNOWN_FIELDS: readonly Key[] = ['email', 'username', 'upn'];

function labelOf(fields: readonly string[], say: Say<Key>): string {
  const known = KNOWN_FIELDS.filter((field) => fields.includes(field)).map((field, at) =>
    say(field === 'username' && at > 0 ? 'usernameNext' : field),
  );
  return known.join(say('or')) || say('username');
}

function sourcesOf(challenge: WireChallenge): readonly { name: string; to: string }[] {
  return recordsOf(challenge.sources).flatMap((source) => {
    const to = destination(textOf(recordOf(source.challenge)?.to));
    return to ? [{ name: textOf(source.name), to }] : [];
  });
}

function Sources({ challenge, say }: PartProps) {
  const sources = sourcesOf(challenge);
  if (sources.length === 0) return null;
  return (
    <div class="form">
      {sources.map((source) => (
        <a class="button button-quiet" key={source.name} href={source.to}>
          {say('with', { source: source.name })}
        </a>
      ))}
    </div>
  );
}

function Links({ challenge, say }: PartProps) {
  const links = [
    { to: destination(textOf(challenge.passwordless_url)), text: say('passwordless') },
    { to: destination(textOf(challenge.recovery_url)), text: say('recovery') },
    { to: destination(textOf(challenge.enroll_url)), text: say('enroll') },
  ].filter((link) => link.to);
  if (links.length === 0) return null;
  return (
    <p class="links">
      {links.map((link) => (
        <a key={link.text} href={link.to}>
          {link.text}
        </a>
      ))}
    </p>
  );
}
