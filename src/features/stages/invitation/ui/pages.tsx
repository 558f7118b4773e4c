import { Notice } from '../../../../web/kit/notice.tsx';
import type { Offered, OwnPage, OwnPageProps } from '../../../../web/kit/own-page.ts';
import { flagOf, textOf } from '../../../../web/kit/read.ts';
import { approvalPages, approvalsOffer } from './approvals/approvals.tsx';
import { Invitation } from './invitation.tsx';
import { inviteOffer, invitePages } from './invite/invite.tsx';
import { Action, Post } from './parts.tsx';
import { words } from './words.ts';

const HOME = '/';
const SIGN_IN = '/flows/-/default/authentication/';

const ENDS = {
  used: { title: 'used', lead: 'usedLead' },
  expired: { title: 'expired', lead: 'expiredLead' },
  revoked: { title: 'revoked', lead: 'revokedLead' },
} as const;

function endOf({ data }: OwnPageProps) {
  const end = textOf(data.end);
  return end === 'used' || end === 'expired' ? ENDS[end] : ENDS.revoked;
}

/** A link that is over, and the way to a new one. */
function Over(props: OwnPageProps) {
  const say = words(props.locale);
  const isUsed = endOf(props) === ENDS.used;
  return (
    <>
      <p>{say(endOf(props).lead)}</p>
      {isUsed ? (
        <a class="button" href={SIGN_IN}>
          {say('signIn')}
        </a>
      ) : null}
      <Post {...props}>
        <Action value="ask" quiet={isUsed}>
          {say('ask')}
        </Action>
        <p class="help">{say('askHelp')}</p>
      </Post>
    </>
  );
}

/** The field for a code that is typed by hand. */
function Code(props: OwnPageProps) {
  const say = words(props.locale);
  const error = flagOf(props.data.wrong) ? say('codeUnknown') : undefined;
  return (
    <Post {...props}>
      <p id="code-help">{say('codeLead')}</p>
      <div class="field">
        <label class="label" for="code">
          {say('code')}
        </label>
        <input
          class="input code"
          id="code"
          name="code"
          type="text"
          required
          maxLength={100}
          value={textOf(props.data.typed)}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={error ? 'code-error code-help' : 'code-help'}
        />
        {error ? (
          <p class="field-errors" id="code-error" role="alert">
            {error}
          </p>
        ) : null}
      </div>
      <button type="submit" class="button">
        {say('codeNext')}
      </button>
    </Post>
  );
}

// The commit step's words, as they come over the wire.
const OTHER_ADDRESS = 'This invitation is for another email address.';

function Refused({ locale, data }: OwnPageProps) {
  const say = words(locale);
  return (
    <>
      <Notice tone="danger" urgent>
        <p>{say(textOf(data.message) === OTHER_ADDRESS ? 'refusedAddress' : 'refusedOther')}</p>
      </Notice>
      <p class="links">
        <a href={HOME}>{say('home')}</a>
      </p>
    </>
  );
}

function Joined({ locale }: OwnPageProps) {
  const say = words(locale);
  return (
    <>
      <p>{say('joinedLead')}</p>
      <a class="button" href={HOME}>
        {say('home')}
      </a>
    </>
  );
}

const told = (title: 'askedTitle' | 'waitingTitle', lead: 'askedLead' | 'waitingLead'): OwnPage => ({
  title: ({ locale }) => words(locale)(title),
  Page: ({ locale }) => <p>{words(locale)(lead)}</p>,
});

/** The pages of this folder, by the names that its server side asks for. */
export const pages: Readonly<Record<string, OwnPage>> = {
  ...approvalPages,
  ...invitePages,
  invitation: { title: ({ locale }) => words(locale)('title'), Page: Invitation },
  'invitation-over': { title: (props) => words(props.locale)(endOf(props).title), Page: Over },
  'invitation-asked': told('askedTitle', 'askedLead'),
  'invitation-code': { title: ({ locale }) => words(locale)('codeTitle'), Page: Code },
  'invitation-waiting': told('waitingTitle', 'waitingLead'),
  'invitation-joined': { title: ({ locale }) => words(locale)('joinedTitle'), Page: Joined },
  'invitation-refused': { title: ({ locale }) => words(locale)('refusedTitle'), Page: Refused },
};

/** What is offered to who may invite, and to who decides, by the names that the server side asks for. */
export const offers: Readonly<Record<string, Offered>> = { invite: inviteOffer, approvals: approvalsOffer };
