import type { Challenge } from '../kit/challenge.ts';
import { usePage } from '../kit/page.ts';
import { recordsOf, textOf } from '../kit/read.ts';
import { DefaultChallenge } from './default-challenge.tsx';
import { Heading } from './frame.tsx';
import type { PageInput } from './page-input.ts';
import { findChallenge } from './registry.ts';

// These are no steps of the flow: they bring a heading that says what happened.
const OWN_HEADING: readonly string[] = [
  'ak-stage-access-denied',
  'ak-stage-flow-error',
  'ak-stage-session-end',
  'xak-flow-redirect',
];

type ViewProps = { readonly challenge: Challenge; readonly input: PageInput };

/** One challenge below its heading. */
export function View({ challenge, input }: ViewProps) {
  const page = usePage();
  const Brought = findChallenge(challenge.component);
  return (
    <>
      {OWN_HEADING.includes(challenge.component) ? null : (
        <Heading>{page.translate(titleOf(challenge, input))}</Heading>
      )}
      {Brought ? (
        <Brought challenge={challenge} />
      ) : (
        <DefaultChallenge challenge={challenge} fields={fieldsOf(challenge, input)} />
      )}
    </>
  );
}

/** The flow's title, as the challenge has it; before the page's own. */
export function titleOf(challenge: Challenge, input: PageInput): string {
  return challenge.flow_info?.title ?? input.flowTitle;
}

// Fields of the wire that ask for nothing.
const SILENT = /^(?:hidden|static|separator|message|alert_\w+)$/;

/** What the step asks for, by the labels of its fields: two forms of one flow have the same title. */
export function askedOf(challenge: Challenge, input: PageInput): string[] {
  const brought = recordsOf(challenge.fields).toSorted((a, b) => Number(a.order) - Number(b.order));
  const fields = brought.length > 0 ? brought : recordsOf(fieldsOf(challenge, input));
  return fields
    .filter(({ type }) => !SILENT.test(textOf(type)))
    .map(({ label }) => textOf(label))
    .filter((label) => label !== '');
}

function fieldsOf(challenge: Challenge, { forms }: PageInput) {
  return Object.hasOwn(forms, challenge.component) ? forms[challenge.component] : undefined;
}
