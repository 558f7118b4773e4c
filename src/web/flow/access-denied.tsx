import type { ChallengeProps } from '../kit/challenge.ts';
import { Notice } from '../kit/notice.tsx';
import { usePage } from '../kit/page.ts';
import { PendingUser } from '../kit/pending-user.tsx';
import { textOf } from '../kit/read.ts';
import { flowWords, INVALID_INVITATION, NOT_APPLICABLE, SET_UP_DONE } from './flow-words.ts';
import { Heading } from './frame.tsx';
import { useSignedIn } from './signed-in-user.ts';

const SIGN_IN = '/flows/-/default/authentication/';
const SIGN_OUT = '/flows/-/default/invalidation/';

/** A flow that ended before its goal. */
export function AccessDenied({ challenge }: ChallengeProps) {
  const message = textOf(challenge.error_message);
  if (message === INVALID_INVITATION) return <InvalidInvitation />;
  if (message === SET_UP_DONE) return <SetUpDone />;
  return <Denied message={message} user={textOf(challenge.pending_user)} />;
}

// One text for every refusal, so that it cannot be used to find out which invitations exist (T24); hence "probably".
function InvalidInvitation() {
  const say = flowWords(usePage().locale);
  return (
    <>
      <Heading>{say('inviteTitle')}</Heading>
      <p>{say('inviteLead')}</p>
      <ul class="list">
        <li>{say('inviteUsed')}</li>
        <li>{say('inviteExpired')}</li>
        <li>{say('inviteWithdrawn')}</li>
        <li>{say('inviteWrong')}</li>
      </ul>
      <p class="lead">{say('inviteHelp')}</p>
      <p class="links">
        <span>{say('inviteMember')}</span>
        <a href={SIGN_IN}>{say('signIn')}</a>
      </p>
    </>
  );
}

function SetUpDone() {
  const say = flowWords(usePage().locale);
  return (
    <>
      <Heading>{say('setUpTitle')}</Heading>
      <p class="lead">{say('setUpLead')}</p>
      <p class="links">
        <a href={SIGN_IN}>{say('signIn')}</a>
      </p>
    </>
  );
}

function Denied({ message, user }: { readonly message: string; readonly user: string }) {
  const page = usePage();
  const signedIn = useSignedIn();
  const say = flowWords(page.locale);
  return (
    <>
      <Heading>{say('deniedTitle')}</Heading>
      {signedIn ? null : <PendingUser name={user} />}
      <Notice tone="danger">
        <p class="text">
          {message === NOT_APPLICABLE ? say('deniedNotApplicable') : page.translate(message || 'Unknown error')}
        </p>
      </Notice>
      {signedIn ? <p>{say('deniedSignedIn', { user: signedIn.username })}</p> : null}
      <p class="links">
        <a href={page.startUrl}>{say('startAgain')}</a>
        {signedIn ? <a href="/">{say('home')}</a> : null}
        {signedIn ? <a href={SIGN_OUT}>{say('signOut')}</a> : <a href={SIGN_IN}>{say('signIn')}</a>}
      </p>
    </>
  );
}
