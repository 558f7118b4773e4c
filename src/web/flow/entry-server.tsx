import { App, pageTitle } from './app.tsx';
import { readChallenge } from './challenge.ts';
import { renderDocument } from './document.tsx';
import { flowWords, translateWire } from './flow-words.ts';
import { ownPage } from './own-pages.tsx';
import type { ErrorInput, OwnPageInput, PageInput, RenderedPage, SignedInInput } from './page-input.ts';
import { ErrorPage, errorTitle, SignedIn } from './plain-pages.tsx';
import { titleOf } from './view.tsx';

/** The page of a flow with its challenge in it; complete without JavaScript (contract part 2, section 10). */
export function renderPage(input: PageInput): RenderedPage {
  const challenge = readChallenge(input.challenge);
  const heading = challenge ? translateWire(input.locale, titleOf(challenge, input)) : input.flowTitle;
  const title = pageTitle(heading, input, challenge?.response_errors !== undefined);
  return renderDocument({ frame: input, title, body: <App input={input} />, state: input });
}

/** The page after signing in where no application waits: who you are, and sign out. Without any script. */
export function renderSignedIn(input: SignedInInput): RenderedPage {
  const title = flowWords(input.locale)('titleWithBrand', {
    title: flowWords(input.locale)('signedInTitle'),
    brand: input.brand.name,
  });
  return renderDocument({ frame: input, title, body: <SignedIn {...input} /> });
}

/** A page for what went wrong outside of a flow. Without any script. */
export function renderError(input: ErrorInput): RenderedPage {
  const say = flowWords(input.locale);
  const title = say('titleWithBrand', { title: say(errorTitle(input.kind)), brand: input.brand.name });
  return renderDocument({ frame: input, title, body: <ErrorPage {...input} /> });
}

/** A page that a feature brings. Complete without a script, which only tidies up. */
export function renderOwn(input: OwnPageInput): RenderedPage {
  const { title, body } = ownPage(input);
  const whole = flowWords(input.locale)('titleWithBrand', { title, brand: input.brand.name });
  return renderDocument({ frame: input, title: whole, body, script: true });
}
