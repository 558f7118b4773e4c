import type { ChallengeProps } from '../kit/challenge.ts';
import { usePage } from '../kit/page.ts';
import { textOf } from '../kit/read.ts';
import { flowWords } from './flow-words.ts';
import { Heading } from './frame.tsx';

/** A fault in a stage. Its details come only to those whom the server trusts with them. */
export function FlowError({ challenge }: ChallengeProps) {
  const page = usePage();
  const say = flowWords(page.locale);
  const details = [textOf(challenge.error), textOf(challenge.traceback)].filter(Boolean).join('\n\n');
  return (
    <>
      <Heading>{say('errorTitle')}</Heading>
      <p>{say('errorLead')}</p>
      <p class="help">{say('requestId', { id: textOf(challenge.request_id) })}</p>
      {details ? (
        <pre class="trace" tabIndex={0}>
          {details}
        </pre>
      ) : null}
      <p class="links">
        <a href={page.startUrl}>{say('startAgain')}</a>
      </p>
    </>
  );
}
