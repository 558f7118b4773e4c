import type { ComponentChild } from 'preact';
import type { Challenge } from '../kit/challenge.ts';
import { CheckboxField, SelectField } from '../kit/choice-input.tsx';
import { Form, Submit } from '../kit/form.tsx';
import { usePage } from '../kit/page.ts';
import { PasswordField } from '../kit/password-input.tsx';
import { PendingUser } from '../kit/pending-user.tsx';
import { textOf } from '../kit/read.ts';
import { TextField } from '../kit/text-input.tsx';
import { flowWords } from './flow-words.ts';
import type { FormField } from './page-input.ts';

type DefaultProps = { readonly challenge: Challenge; readonly fields: readonly FormField[] | undefined };

/** Serves a stage without a component of its own from the description of its form. */
export function DefaultChallenge({ challenge, fields }: DefaultProps) {
  const { locale } = usePage();
  if (!fields) return <Unsupported />;
  const visible = fields.filter((field) => field.type !== 'message' && field.type !== 'hidden');
  return (
    <Form fields={visible.map((field) => field.key)}>
      <PendingUser name={textOf(challenge.pending_user)} />
      {fields.map((field) => (
        <div class="slot" key={field.key}>
          {renderField(field, textOf(challenge[field.key]))}
        </div>
      ))}
      <Submit>{flowWords(locale)('continue')}</Submit>
    </Form>
  );
}

function Unsupported() {
  const page = usePage();
  const say = flowWords(page.locale);
  return (
    <>
      <p class="lead">{say('unsupportedTitle')}</p>
      <p>{say('unsupportedLead')}</p>
      <p class="links">
        <a href={page.startUrl}>{say('startAgain')}</a>
      </p>
    </>
  );
}

function renderField({ key, type, choices = [], ...rest }: FormField, initial: string): ComponentChild {
  const field = { ...rest, name: key, initial };
  switch (type) {
    case 'message':
      return <p class="text">{initial || rest.label}</p>;
    case 'hidden':
      return <input type="hidden" name={key} value={initial} />;
    case 'checkbox':
      return <CheckboxField {...field} />;
    case 'choice':
      return <SelectField {...field} choices={choices} />;
    case 'password':
      return <PasswordField {...rest} name={key} autocomplete={passwordKind(rest.autocomplete)} mayShow />;
    default:
      return <TextField {...field} type={type} />;
  }
}

function passwordKind(autocomplete: string | undefined): 'current-password' | 'new-password' {
  return autocomplete === 'new-password' ? 'new-password' : 'current-password';
}
