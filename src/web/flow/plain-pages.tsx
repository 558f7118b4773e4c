import { destination } from '../kit/destination.ts';
import { flowWords } from './flow-words.ts';
import type { FlowKey } from './flow-words.ts';
import { Frame, Heading } from './frame.tsx';
import { offered } from './own-pages.tsx';
import type { ErrorInput, SignedInInput } from './page-input.ts';

const SIGN_OUT = '/flows/-/default/invalidation/';

/** Who is signed in, what they may do here, and the way out. */
export function SignedIn({ brand, locale, user, offers, signOutUrl = SIGN_OUT }: SignedInInput) {
  const say = flowWords(locale);
  const ways = offered(offers);
  const facts: readonly (readonly [string, string])[] = [
    [say('name'), user.name],
    [say('username'), user.username],
    [say('email'), user.email],
  ];
  return (
    <Frame brand={brand}>
      <Heading>{say('signedInTitle')}</Heading>
      <p>{say(ways.length > 0 ? 'signedInOffers' : 'signedInLead')}</p>
      {ways.map(({ href, text }) => (
        <a key={href} class="button" href={href}>
          {text(locale)}
        </a>
      ))}
      <dl class="facts">
        {facts
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <a class="button button-quiet" href={destination(signOutUrl) ?? SIGN_OUT}>
        {say('signOut')}
      </a>
    </Frame>
  );
}

const ERRORS: Readonly<Record<ErrorInput['kind'], { title: FlowKey; lead: FlowKey }>> = {
  'not-found': { title: 'notFoundTitle', lead: 'notFoundLead' },
  unreadable: { title: 'unreadableTitle', lead: 'unreadableLead' },
  unavailable: { title: 'unavailableTitle', lead: 'unavailableLead' },
  'server-error': { title: 'errorTitle', lead: 'errorLead' },
  forbidden: { title: 'forbiddenTitle', lead: 'forbiddenLead' },
  throttled: { title: 'throttledTitle', lead: 'throttledLead' },
};

/** An answer that is no step of a flow. */
export function ErrorPage({ brand, locale, kind, status, requestId, retrySeconds }: ErrorInput) {
  const say = flowWords(locale);
  return (
    <Frame brand={brand}>
      <p class="status">{status}</p>
      <Heading>{say(ERRORS[kind].title)}</Heading>
      <p>{say(ERRORS[kind].lead)}</p>
      {retrySeconds ? <p>{say('throttledWait', { seconds: String(retrySeconds) })}</p> : null}
      {requestId ? <p class="help">{say('requestId', { id: requestId })}</p> : null}
    </Frame>
  );
}

/** The heading of an error page, for the window's title. */
export function errorTitle(kind: ErrorInput['kind']): FlowKey {
  return ERRORS[kind].title;
}
