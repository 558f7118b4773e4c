import { useState } from 'preact/hooks';
import { Field, useTies } from './field.tsx';
import type { FieldProps } from './field.tsx';
import { kitWords } from './kit-words.ts';
import { usePage } from './page.ts';

type PasswordProps = FieldProps & {
  readonly autocomplete: 'current-password' | 'new-password';
  readonly placeholder?: string;
  /** Offers to show what is typed; needs JavaScript. */
  readonly mayShow?: boolean;
  readonly first?: boolean;
};

const SHOWN = { type: 'text' } as const;
const HIDDEN = { type: 'password' } as const;

/** A password: never filled in by the page, pasted and managed freely. */
export function PasswordField({ autocomplete, placeholder, mayShow = false, first = false, ...field }: PasswordProps) {
  const page = usePage();
  const [shown, setShown] = useState(false);
  const ties = useTies(field);
  const say = kitWords(page.locale);
  return (
    <Field {...field}>
      <div class="password">
        <input
          {...ties}
          {...(shown ? SHOWN : HIDDEN)}
          class="input"
          autocomplete={autocomplete}
          placeholder={placeholder === field.label ? undefined : placeholder || undefined}
          autofocus={ties.autofocus || first || undefined}
          autocapitalize="none"
          spellcheck={false}
        />
        {mayShow && page.interactive ? (
          <button
            type="button"
            class="reveal"
            aria-pressed={shown}
            aria-label={say('showPasswordOf', { label: field.label })}
            aria-controls={ties.id}
            onClick={() => setShown(!shown)}
          >
            {shown ? say('hidePassword') : say('showPassword')}
          </button>
        ) : null}
      </div>
    </Field>
  );
}
