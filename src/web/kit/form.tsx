import type { ComponentChildren } from 'preact';
import { kitWords } from './kit-words.ts';
import { Notice } from './notice.tsx';
import { usePage } from './page.ts';

type FormProps = {
  /** The names of the fields inside; an error of any other name is shown above the form. */
  readonly fields: readonly string[];
  readonly children?: ComponentChildren;
};

/** The form of a challenge: a plain POST without JavaScript, taken over by the page with it. */
export function Form({ fields, children }: FormProps) {
  const page = usePage();
  return (
    <form
      class="form"
      method="post"
      action={page.formAction}
      // The server's words at the field are better than the browser's bubbles; without JavaScript the bubbles save a round trip.
      noValidate={page.interactive}
      aria-busy={page.busy}
      onSubmit={page.submit}
    >
      <FormErrors fields={fields} />
      <input type="hidden" name="component" value={page.component} />
      {page.csrfToken ? <input type="hidden" name="csrf" value={page.csrfToken} /> : null}
      {page.linkMark === undefined ? null : <input type="hidden" name="link-mark" value={page.linkMark} />}
      {children}
      <Problem />
    </form>
  );
}

function FormErrors({ fields }: { readonly fields: readonly string[] }) {
  const { errors } = usePage();
  const homeless = [...errors].filter(([name]) => !fields.includes(name));
  const messages = homeless.flatMap(([name, texts]) =>
    texts.map((text) => (name === 'non_field_errors' ? text : `${name}: ${text}`)),
  );
  if (messages.length === 0) return null;
  return (
    <Notice tone="danger" urgent>
      {messages.map((message) => (
        <p key={message}>{message}</p>
      ))}
    </Notice>
  );
}

function Problem() {
  const page = usePage();
  if (!page.problem) return null;
  return (
    <Notice tone="danger" urgent>
      <p>{page.problem}</p>
      <button type="button" class="link-button" onClick={page.retry} disabled={page.busy}>
        {kitWords(page.locale)('tryAgain')}
      </button>
    </Notice>
  );
}

type SubmitProps = {
  readonly children?: ComponentChildren;
  readonly quiet?: boolean;
  /** For a button that is itself the answer. `true` and `false` reach the server as booleans. */
  readonly name?: string;
  readonly value?: string;
};

/** A button that sends the form; it says "Continue" unless told otherwise. */
export function Submit({ children, quiet = false, name, value }: SubmitProps) {
  const page = usePage();
  const say = kitWords(page.locale);
  return (
    <button
      type="submit"
      class={quiet ? 'button button-quiet' : 'button'}
      name={name}
      value={value}
      // Not `disabled`: a disabled button loses the focus. A second click is ignored by the page.
      aria-disabled={page.busy ? 'true' : undefined}
    >
      {children ?? say('continue')}
    </button>
  );
}
