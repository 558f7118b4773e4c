import type { ChallengeProps } from '../../../../web/kit/challenge.ts';
import { Form, Submit } from '../../../../web/kit/form.tsx';
import { recordsOf } from '../../../../web/kit/read.ts';
import { PromptField } from './prompt-field.tsx';
import { INVISIBLE, readPrompt } from './prompts.ts';

export const component = 'ak-stage-prompt';

/** The fields that an administrator composed, in their order. */
export function Challenge({ challenge }: ChallengeProps) {
  const prompts = recordsOf(challenge.fields)
    .map(readPrompt)
    .sort((a, b) => a.order - b.order);
  const visible = prompts.filter((prompt) => !INVISIBLE.includes(prompt.type)).map((prompt) => prompt.name);
  return (
    <Form fields={visible}>
      {prompts.map((prompt, index) => (
        <PromptField key={`${index} ${prompt.name}`} {...prompt} />
      ))}
      <Submit />
    </Form>
  );
}
