import type { ChallengeProps } from '../../../../src/web/kit/challenge.ts';
import { Form, Submit } from '../../../../src/web/kit/form.tsx';
import { usePage } from '../../../../src/web/kit/page.ts';
import { textOf } from '../../../../src/web/kit/read.ts';
import { TextField } from '../../../../src/web/kit/text-input.tsx';
import { catalogue } from '../../../../src/web/kit/words.ts';
import { COMPONENT } from '../schema.ts';
import de from './messages.de.json';
import en from './messages.en.json';

const words = catalogue(en, de);

export const component = COMPONENT;

/** The question, and a field for the answer. */
export function Challenge({ challenge }: ChallengeProps) {
  const say = words(usePage().locale);
  return (
    <Form fields={['answer']}>
      <p class="lead">{textOf(challenge.question)}</p>
      <TextField name="answer" label={say('answer')} required />
      <Submit>{say('send')}</Submit>
    </Form>
  );
}
