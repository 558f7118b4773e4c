import { useEffect, useRef, useState } from 'preact/hooks';
import type { Challenge } from '../kit/challenge.ts';
import { destination } from '../kit/destination.ts';
import { PageContext } from '../kit/page.ts';
import type { Page } from '../kit/page.ts';
import { textOf } from '../kit/read.ts';
import { errorsOf, readChallenge } from './challenge.ts';
import { collect } from './collect.ts';
import type { Answer } from './collect.ts';
import { sendAnswer } from './executor.ts';
import { flowWords, translateWire } from './flow-words.ts';
import type { FlowKey } from './flow-words.ts';
import { moveFocus } from './focus.ts';
import { Frame } from './frame.tsx';
import type { PageInput } from './page-input.ts';
import { SignedInContext } from './signed-in-user.ts';
import { askedOf, titleOf, View } from './view.tsx';

const UNREADABLE: Challenge = { component: 'ak-stage-flow-error', request_id: '-' };
const CANCEL = '/flows/-/cancel/';

type Step = {
  readonly challenge: Challenge;
  /** Counts the steps: the same one shown again keeps what was typed, another one starts empty. */
  readonly number: number;
  readonly problem?: FlowKey;
};

/** The whole page of a flow, on the server and in the browser. */
export function App({ input }: { readonly input: PageInput }) {
  const { step, busy, interactive, send, retry } = useFlow(input);
  const say = flowWords(input.locale);
  const translate = (text: string) => translateWire(input.locale, text);
  const page: Page = {
    locale: input.locale,
    component: step.challenge.component,
    formAction: input.formAction,
    startUrl: `/if/flow/${input.slug}/${input.query && `?${input.query}`}`,
    csrfToken: input.csrfToken,
    linkMark: input.linkMark,
    cancelUrl: destination(step.challenge.flow_info?.cancel_url ?? '') ?? CANCEL,
    errors: errorsOf(step.challenge, translate),
    values: new Map(step.number === 0 ? Object.entries(input.values ?? {}) : []),
    interactive,
    busy,
    problem: step.problem && say(step.problem),
    submit: (event) => void send(event),
    retry,
    translate,
  };
  return (
    <PageContext.Provider value={page}>
      <SignedInContext.Provider value={input.user}>
        <Frame brand={input.brand}>
          <View key={step.number} challenge={step.challenge} input={input} />
          <p class="visually-hidden" aria-live="polite">
            {announcement(step, busy, page)}
          </p>
        </Frame>
      </SignedInContext.Provider>
    </PageContext.Provider>
  );

  function announcement({ challenge, number }: Step, waiting: boolean, { errors }: Page): string {
    if (waiting) return say('busy');
    if (errors.size > 0) return say('wrong');
    if (number === 0) return '';
    const title = translate(titleOf(challenge, input));
    const fields = askedOf(challenge, input).map(translate).join(', ');
    return fields === '' ? say('arrived', { title }) : say('arrivedAt', { title, fields });
  }
}

function useFlow(input: PageInput) {
  const [step, setStep] = useState<Step>(() => ({
    challenge: readChallenge(input.challenge) ?? UNREADABLE,
    number: 0,
  }));
  const [busy, setBusy] = useState(false);
  const [interactive, setInteractive] = useState(false);
  const sending = useRef(false);
  const lastAnswer = useRef<Answer>({});

  useEffect(() => setInteractive(true), []);
  useEffect(() => arrive(step, input), [step]);

  async function post(answer: Answer): Promise<void> {
    lastAnswer.current = answer;
    const outcome = await sendAnswer(input.executorUrl, answer, input.csrfToken);
    setStep((current) => next(current, outcome));
    return stop();
  }

  // The ref, not the state: two clicks may come before the page is rendered again.
  function start(): boolean {
    if (sending.current) return false;
    sending.current = true;
    setBusy(true);
    return true;
  }

  function stop(): void {
    sending.current = false;
    setBusy(false);
  }

  async function send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement) || !start()) return;
    try {
      await post(await collect(event.currentTarget, event.submitter));
    } catch {
      setStep((current) => ({ ...current, problem: 'unreadableFile' }));
      stop();
    }
  }

  function retry(): void {
    if (start()) void post(lastAnswer.current);
  }

  return { step, busy, interactive, send, retry };
}

function next(current: Step, outcome: Awaited<ReturnType<typeof sendAnswer>>): Step {
  if ('problem' in outcome) return { ...current, problem: outcome.problem };
  const { challenge } = outcome;
  const again = challenge.component === current.challenge.component && challenge.response_errors !== undefined;
  return { challenge, number: again ? current.number : current.number + 1 };
}

/** After each step: follow a redirect, tell the title, move the focus to where the work is. */
function arrive(step: Step, input: PageInput): void {
  const to = step.challenge.component === 'xak-flow-redirect' ? destination(textOf(step.challenge.to)) : undefined;
  if (to) return window.location.assign(to);
  const heading = document.querySelector('h1')?.textContent ?? input.flowTitle;
  document.title = pageTitle(heading, input, step.challenge.response_errors !== undefined);
  // The first page keeps the focus where the browser put it, unless there is something to correct.
  if (step.number > 0 || step.challenge.response_errors || step.problem) moveFocus(document);
}

/** The window's title: the heading, marked when something is wrong, then who is speaking. */
export function pageTitle(heading: string, { brand, locale }: PageInput, wrong: boolean): string {
  const say = flowWords(locale);
  const title = say('titleWithBrand', { title: heading, brand: brand.name });
  return wrong ? say('titleWithError', { title }) : title;
}
