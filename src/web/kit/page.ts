import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Locale } from './words.ts';

/** Error messages by field, in the page's language; what concerns no single field is under `non_field_errors`. */
export type FieldErrors = ReadonlyMap<string, readonly string[]>;

export type Page = {
  readonly locale: Locale;
  /** The wire name of the challenge that is shown. */
  readonly component: string;
  /** Where the forms post to without JavaScript. */
  readonly formAction: string;
  /** Where the flow begins anew, with all that the link brought. */
  readonly startUrl: string;
  readonly csrfToken?: string | undefined;
  /** Sent along by the forms; see the page's input. */
  readonly linkMark?: string | undefined;
  readonly cancelUrl: string;
  readonly errors: FieldErrors;
  /** What was typed before, by field; passwords are never here. */
  readonly values: ReadonlyMap<string, string>;
  /** JavaScript runs and has taken over. */
  readonly interactive: boolean;
  readonly busy: boolean;
  /** Why the last attempt to send did not arrive, in words. */
  readonly problem?: string | undefined;
  /** Sends what a form holds; takes the event over from the browser. */
  submit(event: SubmitEvent): void;
  /** Sends the last answer again. */
  retry(): void;
  /** A known English text of the server in the page's language; unknown ones as they are. */
  translate(text: string): string;
};

export const PageContext = createContext<Page | undefined>(undefined);

/** The page that a component is on. Throws outside of one: a fault of the caller. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('usePage: no page around this component.');
  return page;
}

/** The id of a field's element, by which labels and errors refer to it. */
export function fieldId(name: string): string {
  return `field-${name.replace(/[^\w-]/g, '-')}`;
}
