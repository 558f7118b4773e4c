import { destination } from '../../../../web/kit/destination.ts';
import type { OwnPageProps } from '../../../../web/kit/own-page.ts';
import { flagOf, listOf, recordOf, textOf } from '../../../../web/kit/read.ts';
import { Action, Parts, Post } from './parts.tsx';
import { words } from './words.ts';

const HOME = '/';

/** Who invites, to what, with which words, until when; and one button. */
export function Invitation(props: OwnPageProps) {
  const { locale, brand, data } = props;
  const say = words(locale);
  const [inviter, group] = [textOf(data.inviter), textOf(data.onBehalfOf)];
  return (
    <>
      <p class="lead" dir="auto">
        {group ? say('invitesFor', { inviter, brand, group }) : say('invites', { inviter, brand })}
      </p>
      <Facts {...props} />
      {listOf(data.message).length > 0 ? (
        <section class="message" dir="auto" aria-label={say('messageFrom')}>
          <Parts parts={data.message} />
        </section>
      ) : null}
      {flagOf(data.restricted) ? <p class="help">{say('restricted')}</p> : null}
      {props.user ? <Member {...props} /> : <Stranger {...props} />}
    </>
  );
}

// The title that the enrollment flow comes with greets; it does not say what the invitation is for.
const DEFAULT_TITLE = 'Welcome! Complete your enrollment';

function Facts({ locale, data, translate }: OwnPageProps) {
  const say = words(locale);
  const until = recordOf(data.until);
  const title = textOf(data.flowTitle);
  const about = title === DEFAULT_TITLE ? '' : translate(title);
  if (!until && !about) return null;
  return (
    <dl class="facts">
      {about ? (
        <div>
          <dt>{say('about')}</dt>
          <dd dir="auto">{about}</dd>
        </div>
      ) : null}
      {until ? (
        <div>
          <dt>{say('until')}</dt>
          <dd>
            <time dateTime={textOf(until.instant)} data-local="">
              {textOf(until.absolute)}
            </time>{' '}
            ({textOf(until.relative)})
          </dd>
        </div>
      ) : null}
    </dl>
  );
}

/** Nobody is signed in. */
function Stranger(props: OwnPageProps) {
  const say = words(props.locale);
  const signIn = destination(textOf(props.data.signIn));
  return (
    <>
      <Post {...props}>
        <Action value="start">{say('start')}</Action>
      </Post>
      {signIn ? (
        <p class="links">
          <a href={signIn}>{say('member')}</a>
        </p>
      ) : null}
    </>
  );
}

/** Somebody is signed in. */
function Member(props: OwnPageProps) {
  const { locale, data, user } = props;
  const say = words(locale);
  const name = user?.username ?? '';
  const [hasJoined, canJoin, canStart] = [flagOf(data.joined), flagOf(data.join), flagOf(data.start)];
  const leave = destination(textOf(data.leave));
  return (
    <>
      <p>{say('signedIn', { user: name })}</p>
      {hasJoined ? (
        <>
          <p>{say('joinedBefore')}</p>
          <a class="button" href={HOME}>
            {say('home')}
          </a>
        </>
      ) : null}
      {canJoin || canStart ? (
        <Post {...props}>
          {canJoin ? <Action value="join">{say('joinAs', { user: name })}</Action> : null}
          {canJoin ? <p class="help">{say('joinHelp')}</p> : null}
          {canStart ? (
            <Action value="start" quiet={canJoin || hasJoined}>
              {say(canJoin || hasJoined ? 'startNew' : 'continue')}
            </Action>
          ) : null}
        </Post>
      ) : null}
      {hasJoined || canJoin || canStart ? null : <p>{say('cannotJoin')}</p>}
      {leave ? (
        <p class="links">
          <a href={leave}>{say('leave')}</a>
        </p>
      ) : null}
    </>
  );
}
