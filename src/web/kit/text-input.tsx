import { Field, useTies } from './field.tsx';
import type { FieldProps } from './field.tsx';
import { usePage } from './page.ts';

// Preact's types tell inputs apart by their literal `type`.
const TYPES = {
  text: { type: 'text' },
  email: { type: 'email' },
  number: { type: 'number', step: '1' },
  date: { type: 'date' },
  'datetime-local': { type: 'datetime-local' },
} as const;

type TextProps = FieldProps & {
  readonly type?: keyof typeof TYPES;
  readonly initial?: string;
  readonly placeholder?: string;
  readonly autocomplete?: string;
  readonly readOnly?: boolean;
  /** Takes the focus when the page opens. */
  readonly first?: boolean;
};

// For these an empty input means "not given": as an empty text they would be an error. One that was filled in and is
// cleared says so: left out, it would get its first value back.
const BLANK_IS_ABSENT: readonly string[] = ['number', 'date', 'datetime-local'];

/** A field of one line. */
export function TextField({ type = 'text', initial = '', placeholder, ...rest }: TextProps) {
  const { values } = usePage();
  const ties = useTies(rest);
  return (
    <Field {...rest} required={rest.required || rest.readOnly === true}>
      <input
        {...ties}
        {...TYPES[type]}
        class="input"
        required={ties.required && !rest.readOnly}
        defaultValue={values.get(rest.name) ?? initial}
        placeholder={placeholder === rest.label ? undefined : placeholder || undefined}
        autocomplete={rest.autocomplete}
        autofocus={ties.autofocus || rest.first || undefined}
        // Names and addresses are no sentences: a phone must neither capitalise nor correct them.
        autocapitalize={type === 'email' || rest.autocomplete === 'username' ? 'none' : undefined}
        spellcheck={type === 'email' || rest.autocomplete === 'username' ? false : undefined}
        readOnly={rest.readOnly}
        data-blank={initial === '' && BLANK_IS_ABSENT.includes(type) ? 'absent' : undefined}
      />
    </Field>
  );
}

/** A field of several lines. */
export function TextAreaField({
  initial = '',
  placeholder,
  ...rest
}: Omit<TextProps, 'type' | 'autocomplete' | 'first'>) {
  const { values } = usePage();
  const ties = useTies(rest);
  return (
    <Field {...rest} required={rest.required || rest.readOnly === true}>
      <textarea
        {...ties}
        class="input"
        rows={4}
        required={ties.required && !rest.readOnly}
        defaultValue={values.get(rest.name) ?? initial}
        placeholder={placeholder === rest.label ? undefined : placeholder || undefined}
        readOnly={rest.readOnly}
      />
    </Field>
  );
}
