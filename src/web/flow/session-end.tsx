import type { ChallengeProps } from '../kit/challenge.ts';
import { destination } from '../kit/destination.ts';
import { usePage } from '../kit/page.ts';
import { PendingUser } from '../kit/pending-user.tsx';
import { textOf } from '../kit/read.ts';
import { flowWords } from './flow-words.ts';
import { Heading } from './frame.tsx';

/** Signed out of an application, not yet of everything. */
export function SessionEnd({ challenge }: ChallengeProps) {
  const say = flowWords(usePage().locale);
  const application = textOf(challenge.application_name);
  const brand = textOf(challenge.brand_name);
  const all = destination(textOf(challenge.invalidation_flow_url));
  const links = [
    { to: destination(textOf(challenge.application_launch_url)), text: say('endBack', { application }) },
    { to: destination(textOf(challenge.overview_url)), text: say('endOverview') },
  ].filter((link) => link.to);
  return (
    <>
      <Heading>{say('endTitle')}</Heading>
      {all ? <PendingUser name={textOf(challenge.pending_user)} mayLeave={false} /> : null}
      {application ? <p>{say('endApplication', { application })}</p> : null}
      {all ? <p>{say('endBrand', { brand })}</p> : null}
      {all ? (
        <a class="button" href={all}>
          {say('endAll', { brand })}
        </a>
      ) : null}
      <p class="links">
        {links.map((link) => (
          <a key={link.text} href={link.to}>
            {link.text}
          </a>
        ))}
      </p>
    </>
  );
}
