import { Notice } from '../../../../../web/kit/notice.tsx';
import type { OwnPage, OwnPageProps } from '../../../../../web/kit/own-page.ts';
import { flagOf, recordOf, recordsOf, textOf, textsOf } from '../../../../../web/kit/read.ts';
import { catalogue } from '../../../../../web/kit/words.ts';
import { Action, Post } from '../parts.tsx';
import de from './messages.de.json';
import en from './messages.en.json';

const words = catalogue(en, de);

const PROBLEMS = ['address', 'too_many_open', 'too_many_today'] as const;
const STATES = ['pending', 'used_up', 'expired'] as const;

/** What is shown once. */
function Made({ locale, data }: OwnPageProps) {
  const say = words(locale);
  const made = recordOf(data.made);
  if (!made) return null;
  const [link, code, qr, to] = [textOf(made.link), textOf(made.code), textOf(made.qr), textOf(made.to)];
  return (
    <section class="message" aria-labelledby="made">
      <h2 class="label" id="made">
        {to ? say('madeFor', { to }) : say('made')}
      </h2>
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

function Form(props: OwnPageProps) {
  const say = words(props.locale);
  const typed = recordOf(props.data.typed);
  const isWrong = props.data.problem === 'address';
  return (
    <Post {...props}>
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

function Own(props: OwnPageProps) {
  const say = words(props.locale);
  const items = recordsOf(props.data.items);
  return (
    <section aria-labelledby="own">
      <h2 class="label" id="own">
        {say('own')}
      </h2>
      {items.length === 0 ? <p>{say('none')}</p> : null}
      {items.map((item) => {
        const state = STATES.find((known) => known === item.state) ?? 'revoked';
        const time = recordOf(item.created);
        return (
          <div key={textOf(item.id)} class="message">
            <p class="text" dir="auto">
              {textOf(item.to) || say('anybody')}: {say(state)}
            </p>
            <p class="help">
              {say('createdOn')}{' '}
              <time dateTime={textOf(time?.instant)} data-local="">
                {textOf(time?.absolute)}
              </time>
            </p>
            {state === 'pending' ? (
              <Post {...props} hidden={{ ...props.hidden, id: textOf(item.id) }}>
                <Action value="revoke" quiet>
                  {say('revoke')}
                </Action>
              </Post>
            ) : null}
          </div>
        );
      })}
    </section>
  );
}

function Invite(props: OwnPageProps) {
  const canInvite = textsOf(props.data.flows).length > 0;
  return (
    <>
      <Problem {...props} />
      <Made {...props} />
      {canInvite ? <Form {...props} /> : <p>{words(props.locale)('noFlow')}</p>}
      <Own {...props} />
    </>
  );
}

/** The page of those who may invite. */
export const invitePages: Readonly<Record<string, OwnPage>> = {
  invite: { title: ({ locale }) => words(locale)('title'), Page: Invite },
};
