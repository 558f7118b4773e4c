import { destination } from '../../../../../web/kit/destination.ts';
import { Notice } from '../../../../../web/kit/notice.tsx';
import type { Offered, OwnPage, OwnPageProps } from '../../../../../web/kit/own-page.ts';
import { flagOf, recordOf, recordsOf, textOf, textsOf } from '../../../../../web/kit/read.ts';
import { catalogue } from '../../../../../web/kit/words.ts';
import { Action, Home, Post, Time } from '../parts.tsx';
import de from './messages.de.json';
import en from './messages.en.json';

const words = catalogue(en, de);

const PROBLEMS = ['address', 'too_many_open', 'too_many_today', 'notSent', 'budget'] as const;
const STATES = ['pending', 'used_up', 'expired'] as const;
/** What came of the wish to mail it, and what the form says of mailing. */
const MAIL = {
  mailed: 'mailMade',
  failed: 'mailFailed',
  budget: 'mailBudget',
  unset: 'mailUnset',
  forbidden: 'mailForbidden',
} as const;
const MAILED = {
  queued: 'mailUnderWay',
  deferred: 'mailDeferred',
  sent: 'mailSent',
  failed: 'mailNotReached',
  cancelled: 'mailNotReached',
} as const;

function wordOf<T extends object>(known: T, value: unknown): T[keyof T] | undefined {
  const key = textOf(value);
  const isKnown = (candidate: string): candidate is Extract<keyof T, string> => Object.hasOwn(known, candidate);
  return isKnown(key) ? known[key] : undefined;
}

/** What is shown once. */
function Made({ locale, data }: OwnPageProps) {
  const say = words(locale);
  const made = recordOf(data.made);
  if (!made) return null;
  const [link, code, qr, to] = [textOf(made.link), textOf(made.code), textOf(made.qr), textOf(made.to)];
  const mail = wordOf(MAIL, made.mail);
  return (
    <section class="message" aria-labelledby="made">
      <h2 class="label" id="made" dir="auto">
        {to ? say('madeFor', { to }) : say('made')}
      </h2>
      {mail ? <p>{say(mail)}</p> : null}
      <p>{say('madeLead')}</p>
      {link ? (
        <div class="field">
          <label class="label" for="link">
            {say('link')}
          </label>
          <input class="input" id="link" type="text" readOnly value={link} />
        </div>
      ) : null}
      {code ? (
        <div class="field">
          <label class="label" for="made-code">
            {say('code')}
          </label>
          <input class="input code" id="made-code" type="text" readOnly value={code} />
        </div>
      ) : null}
      {qr.startsWith('data:image/svg+xml;base64,') ? <img src={qr} alt={say('qr')} width={200} height={200} /> : null}
    </section>
  );
}

function Problem({ locale, data }: OwnPageProps) {
  const problem = textOf(data.problem);
  if (!problem) return null;
  return (
    <Notice tone="danger" urgent>
      <p id="problem">{words(locale)(PROBLEMS.find((known) => known === problem) ?? 'refused')}</p>
    </Notice>
  );
}

/** Which flow, where there are several. */
function Flows({ locale, data }: OwnPageProps) {
  const say = words(locale);
  const flows = textsOf(data.flows);
  const typed = textOf(recordOf(data.typed)?.flow);
  if (flows.length < 2) return null;
  return (
    <div class="field">
      <label class="label" for="flow">
        {say('flow')}
      </label>
      <select class="input select" id="flow" name="flow">
        {flows.map((flow) => (
          <option key={flow} value={flow} selected={flow === typed}>
            {flow}
          </option>
        ))}
      </select>
    </div>
  );
}

function Lifetimes({ locale, data }: OwnPageProps) {
  const say = words(locale);
  return (
    <div class="field">
      <label class="label" for="lifetime">
        {say('lifetime')}
      </label>
      <select class="input select" id="lifetime" name="lifetime">
        {recordsOf(data.lifetimes).map((one) => (
          <option key={textOf(one.value)} value={textOf(one.value)} selected={flagOf(one.chosen)}>
            {textOf(one.label)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Whether it is mailed; or why that is not possible here. */
function Mailing({ locale, data }: OwnPageProps) {
  const say = words(locale);
  if (data.mailing !== 'ready') return <p class="help">{say(wordOf(MAIL, data.mailing) ?? 'mailUnset')}</p>;
  const typed = recordOf(data.typed);
  return (
    <label class="option">
      <input type="checkbox" name="send" value="yes" checked={typed?.send === undefined || flagOf(typed.send)} />
      <span>{say('send')}</span>
    </label>
  );
}

function Form(props: OwnPageProps) {
  const say = words(props.locale);
  const typed = recordOf(props.data.typed);
  const isWrong = props.data.problem === 'address';
  return (
    <Post {...props} hidden={{ ...props.hidden, form: textOf(props.data.form) }}>
      <div class="field">
        <label class="label" for="email">
          {say('email')} <span class="optional">{say('optional')}</span>
        </label>
        <input
          class="input"
          id="email"
          name="email"
          type="email"
          maxLength={254}
          autocomplete="off"
          value={textOf(typed?.email)}
          aria-invalid={isWrong ? 'true' : undefined}
          aria-describedby={isWrong ? 'problem email-help' : 'email-help'}
        />
        <p class="help" id="email-help">
          {say('emailHelp')}
        </p>
      </div>
      <Mailing {...props} />
      <div class="field">
        <label class="label" for="message">
          {say('message')} <span class="optional">{say('optional')}</span>
        </label>
        <textarea class="input" id="message" name="message" rows={4} maxLength={4000} value={textOf(typed?.message)} />
      </div>
      <Flows {...props} />
      <Lifetimes {...props} />
      <Action value="invite">{say('make')}</Action>
    </Post>
  );
}

type Item = Readonly<Record<string, unknown>>;

/** Whom one is for. */
function whomOf({ to, printed }: Item, locale: OwnPageProps['locale']): string {
  return textOf(to) || words(locale)(flagOf(printed) ? 'printed' : 'anybody');
}

/** The buttons of one; each names whose invitation it is to who does not see the page. */
function Buttons({ item, ...props }: OwnPageProps & { readonly item: Item }) {
  const say = words(props.locale);
  const to = whomOf(item, props.locale);
  if (item.state !== 'pending') return null;
  return (
    <Post {...props} hidden={{ ...props.hidden, id: textOf(item.id) }}>
      {item.send ? (
        <Action value="send" quiet label={say(item.send === 'resend' ? 'resendTo' : 'sendTo', { to })}>
          {say(item.send === 'resend' ? 'resend' : 'sendNow')}
        </Action>
      ) : null}
      <Action value="revoke" quiet label={say('revokeOf', { to })}>
        {say('revoke')}
      </Action>
    </Post>
  );
}

/** Of whom it is told what became of the mail, where that is not everybody. */
function Of({ item, locale }: OwnPageProps & { readonly item: Item }) {
  const to = textsOf(item.mailedTo);
  const more = typeof item.mailedMore === 'number' ? item.mailedMore : 0;
  if (to.length === 0) return null;
  return (
    <>
      {' ('}
      {to.map((address, at) => (
        <>
          {at === 0 ? '' : ', '}
          <bdi key={address}>{address}</bdi>
        </>
      ))}
      {more > 0 ? ` ${words(locale)('mailMore', { count: String(more) })}` : ''})
    </>
  );
}

function One({ item, ...props }: OwnPageProps & { readonly item: Item }) {
  const say = words(props.locale);
  const mailed = wordOf(MAILED, item.mailed);
  return (
    <li class="message">
      <p class="text">
        <bdi>{whomOf(item, props.locale)}</bdi>: {say(STATES.find((known) => known === item.state) ?? 'revoked')}
      </p>
      <p class="help">
        {say('createdOn')} <Time value={item.created} />
        {item.expires ? (
          <>
            <br />
            {say('openUntil')} <Time value={item.expires} />
          </>
        ) : null}
        {mailed ? (
          <>
            <br />
            {say(mailed)}
            <Of {...props} item={item} />
          </>
        ) : null}
      </p>
      <Buttons {...props} item={item} />
    </li>
  );
}

function Own(props: OwnPageProps) {
  const say = words(props.locale);
  const items = recordsOf(props.data.items);
  if (items.length === 0 && flagOf(props.data.first)) return null;
  const [older, newest] = [destination(textOf(props.data.older)), destination(textOf(props.data.newest))];
  return (
    <section class="form" aria-labelledby="own">
      <h2 class="label" id="own">
        {say('own')}
      </h2>
      {items.length === 0 ? <p>{say('none')}</p> : null}
      {items.length > 0 ? (
        <ul class="rows">
          {items.map((item) => (
            <One key={textOf(item.id)} {...props} item={item} />
          ))}
        </ul>
      ) : null}
      {older || newest ? (
        <nav class="links" aria-label={say('pages')}>
          {newest ? <a href={newest}>{say('newest')}</a> : null}
          {older ? <a href={older}>{say('older')}</a> : null}
        </nav>
      ) : null}
    </section>
  );
}

function Invite(props: OwnPageProps) {
  const canInvite = textsOf(props.data.flows).length > 0;
  return (
    <>
      <Problem {...props} />
      <Made {...props} />
      {canInvite && flagOf(props.data.first) ? <p class="lead">{words(props.locale)('first')}</p> : null}
      {canInvite ? (
        <Form {...props} />
      ) : (
        <p>{words(props.locale)(flagOf(props.data.limited) ? 'noFlow' : 'noEnrollment')}</p>
      )}
      <Own {...props} />
      <Home {...props} />
    </>
  );
}

/** The page of those who may invite. */
export const invitePages: Readonly<Record<string, OwnPage>> = {
  invite: { title: ({ locale }) => words(locale)('title'), Page: Invite },
};

/** The way to that page. */
export const inviteOffer: Offered = { href: '/if/invite/', text: (locale) => words(locale)('title') };
