import type { ChallengeProps } from '../kit/challenge.ts';
import { destination } from '../kit/destination.ts';
import { usePage } from '../kit/page.ts';
import { textOf } from '../kit/read.ts';
import { flowWords } from './flow-words.ts';
import { Heading } from './frame.tsx';

/** The flow is over and leads on. The page follows by itself where it can; the link is for when it cannot. */
export function Redirect({ challenge }: ChallengeProps) {
  const page = usePage();
  const say = flowWords(page.locale);
  const to = destination(textOf(challenge.to));
  if (!to) {
    return (
      <>
        <Heading>{say('refusedTitle')}</Heading>
        <p>{say('refusedLead')}</p>
        <p class="links">
          <a href={page.startUrl}>{say('startAgain')}</a>
        </p>
      </>
    );
  }
  return (
    <>
      <Heading>{say('leaving')}</Heading>
      <p>{say('leavingHelp')}</p>
      <a class="button" href={to}>
        {say('continue')}
      </a>
    </>
  );
}
