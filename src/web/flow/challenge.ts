import type { Challenge, ErrorDetail, FlowInfo } from '../kit/challenge.ts';
import type { FieldErrors } from '../kit/page.ts';
import { recordOf, recordsOf, textOf } from '../kit/read.ts';

/**
 * Reads a challenge from what the server sent.
 * @returns undefined when it is none (no `component`)
 */
export function readChallenge(wire: unknown): Challenge | undefined {
  const record = recordOf(wire);
  const component = textOf(record?.component);
  if (!record || !component) return undefined;
  return {
    ...record,
    component,
    flow_info: readFlowInfo(record.flow_info),
    response_errors: readErrors(record.response_errors),
    hints: readHints(record.response_errors),
  };
}

const HINT = 'hint-';
const isHint = ({ code }: { readonly code?: unknown }): boolean => textOf(code).startsWith(HINT);

/** Codes of entries that correct nobody: what a challenge has to say and has no key for on the wire. */
function readHints(wire: unknown): readonly string[] {
  const details = Object.values(recordOf(wire) ?? {}).flatMap(recordsOf);
  return details.filter(isHint).map(({ code }) => textOf(code).slice(HINT.length));
}

function readFlowInfo(wire: unknown): FlowInfo | undefined {
  const info = recordOf(wire);
  return info && { title: textOf(info.title) || undefined, cancel_url: textOf(info.cancel_url) };
}

function readErrors(wire: unknown): Challenge['response_errors'] {
  const errors = recordOf(wire);
  if (!errors) return undefined;
  const read = Object.entries(errors).flatMap(([field, wireDetails]): [string, readonly ErrorDetail[]][] => {
    const details = recordsOf(wireDetails).filter((detail) => !isHint(detail));
    if (details.length === 0) return [];
    return [[field, details.map((detail) => ({ string: textOf(detail.string), code: textOf(detail.code) }))]];
  });
  return read.length === 0 ? undefined : Object.fromEntries(read);
}

/** The challenge's errors by field, each text put through `translate`; fields without a message are left out. */
export function errorsOf(challenge: Challenge, translate: (text: string) => string): FieldErrors {
  const entries = Object.entries(challenge.response_errors ?? {});
  return new Map(
    entries
      .map(([field, details]): [string, string[]] => [field, details.map((detail) => translate(detail.string))])
      .filter(([, messages]) => messages.length > 0),
  );
}
