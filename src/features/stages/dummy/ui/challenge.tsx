import type { ChallengeProps } from '../../../../web/kit/challenge.ts';
import { Form, Submit } from '../../../../web/kit/form.tsx';
import { textOf } from '../../../../web/kit/read.ts';

export const component = 'ak-stage-dummy';

/** A step that asks nothing. */
export function Challenge({ challenge }: ChallengeProps) {
  return (
    <Form fields={[]}>
      <p class="lead">{textOf(challenge.name)}</p>
      <Submit />
    </Form>
  );
}
