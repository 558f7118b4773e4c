import type { ComponentType } from 'preact';

/** One message of `response_errors` (contract part 2, section 8). */
export type ErrorDetail = { readonly string: string; readonly code: string };

/** What every stage challenge may carry (contract part 2, section 10). */
export type FlowInfo = { readonly title?: string | undefined; readonly cancel_url: string };

/**
 * A challenge as it comes over the wire. What a single component adds is `unknown` here: the stage that renders it
 * reads it with `read.ts`, so a missing or odd key never breaks the page.
 */
export type Challenge = {
  readonly component: string;
  readonly flow_info?: FlowInfo | undefined;
  readonly response_errors?: Readonly<Record<string, readonly ErrorDetail[]>> | undefined;
  /** Codes of entries of `response_errors` that are no errors, without their `hint-`. */
  readonly hints?: readonly string[];
  readonly [key: string]: unknown;
};

/** What a challenge component gets. Errors, typed values and submitting come through `usePage`. */
export type ChallengeProps = { readonly challenge: Challenge };

/** What a stage's `ui/challenge.tsx` exports. */
export type ChallengeModule = {
  /** The wire name that it renders, such as `ak-stage-prompt`. */
  readonly component: string;
  readonly Challenge: ComponentType<ChallengeProps>;
};
