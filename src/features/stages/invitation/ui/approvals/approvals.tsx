import { destination } from '../../../../../web/kit/destination.ts';
import type { Offered, OwnPage, OwnPageProps } from '../../../../../web/kit/own-page.ts';
import { flagOf, recordOf, recordsOf, textOf, textsOf } from '../../../../../web/kit/read.ts';
import { catalogue } from '../../../../../web/kit/words.ts';
import { Action, Home, Post, Time } from '../parts.tsx';
import de from './messages.de.json';
import en from './messages.en.json';

const words = catalogue(en, de);

const LIST = '/if/approvals/';
const STATES = ['pending', 'approved', 'rejected'] as const;

type Told = Readonly<Record<string, unknown>>;

const nameOf = (told: Told): string => textOf(recordOf(told.user)?.name) || textOf(recordOf(told.user)?.username);

function Fact({ word, value }: { readonly word: string; readonly value: string }) {
  return value === '' ? null : (
    <div>
      <dt>{word}</dt>
      <dd dir="auto">{value}</dd>
    </div>
  );
}

/** Which accounts are shown, as links: the page needs no script. */
function States({ locale, data }: OwnPageProps) {
  const say = words(locale);
  const chosen = textOf(data.state);
  return (
    <nav class="links" aria-label={say('states')}>
      {STATES.map((state) => (
        <a key={state} href={`${LIST}?state=${state}`} aria-current={state === chosen ? 'page' : undefined}>
          {say(state)}
        </a>
      ))}
    </nav>
  );
}

function Approvals(props: OwnPageProps) {
  const say = words(props.locale);
  const items = recordsOf(props.data.items);
  const more = destination(textOf(props.data.more));
  return (
    <>
      <States {...props} />
      {items.length === 0 ? <p>{say('none')}</p> : null}
      {items.map((item) => (
        <div key={textOf(item.href)} class="message">
          <dl class="facts">
            <Fact word={say('name')} value={nameOf(item)} />
            <Fact word={say('email')} value={textOf(recordOf(item.user)?.email)} />
            <div>
              <dt>{say('requested')}</dt>
              <dd>
                <Time value={item.requested} />
              </dd>
            </div>
          </dl>
          <a href={destination(textOf(item.href))}>{say('look', { user: nameOf(item) })}</a>
        </div>
      ))}
      {more ? (
        <p class="links">
          <a href={more}>{say('more')}</a>
        </p>
      ) : null}
      <Home {...props} />
    </>
  );
}

function Facts({ locale, data }: OwnPageProps) {
  const say = words(locale);
  const user = recordOf(data.user);
  return (
    <dl class="facts">
      <Fact word={say('name')} value={textOf(user?.name)} />
      <Fact word={say('username')} value={textOf(user?.username)} />
      <Fact word={say('email')} value={textOf(user?.email)} />
      <Fact word={say('invitation')} value={textOf(data.invitation)} />
      <Fact word={say('invitedBy')} value={textOf(data.invitedBy)} />
      <Fact word={say('groups')} value={textsOf(data.groups).join(', ')} />
      <Fact word={say('roles')} value={textsOf(data.roles).join(', ')} />
      <div>
        <dt>{say('requested')}</dt>
        <dd>
          <Time value={data.requested} />
        </dd>
      </div>
      <Fact word={say('decidedBy')} value={textOf(data.decidedBy)} />
      {data.decided ? (
        <div>
          <dt>{say('decided')}</dt>
          <dd>
            <Time value={data.decided} />
          </dd>
        </div>
      ) : null}
      <Fact word={say('reason')} value={textOf(data.reason)} />
    </dl>
  );
}

function Decide(props: OwnPageProps) {
  const say = words(props.locale);
  return (
    <Post {...props}>
      <div class="field">
        <label class="label" for="reason">
          {say('reason')} <span class="optional">{say('optional')}</span>
        </label>
        <textarea class="input" id="reason" name="reason" rows={3} maxLength={500} aria-describedby="reason-help" />
        <p class="help" id="reason-help">
          {say('reasonHelp')}
        </p>
      </div>
      <Action value="approve">{say('approve')}</Action>
      <Action value="reject" quiet>
        {say('reject')}
      </Action>
    </Post>
  );
}

function Approval(props: OwnPageProps) {
  const say = words(props.locale);
  const { data } = props;
  const state = textOf(data.state);
  return (
    <>
      <Facts {...props} />
      {state === 'pending' ? <Decide {...props} /> : null}
      {state === 'approved' && !flagOf(data.active) ? <p>{say('inactive')}</p> : null}
      <p class="links">
        <a href={LIST}>{say('back')}</a>
      </p>
    </>
  );
}

const TITLES = { approved: 'oneTitleApproved', rejected: 'oneTitleRejected' } as const;

function titleOf({ locale, data }: OwnPageProps): string {
  const state = textOf(data.state);
  return words(locale)(state === 'approved' || state === 'rejected' ? TITLES[state] : 'oneTitle');
}

/** The pages of those who decide on accounts. */
export const approvalPages: Readonly<Record<string, OwnPage>> = {
  approvals: { title: ({ locale }) => words(locale)('listTitle'), Page: Approvals },
  approval: { title: titleOf, Page: Approval },
};

/** The way to the list of them. */
export const approvalsOffer: Offered = { href: LIST, text: (locale) => words(locale)('offer') };
