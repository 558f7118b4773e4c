import type { ComponentChildren } from 'preact';
import { kitWords } from './kit-words.ts';
import { fieldId, usePage } from './page.ts';

/** What every field has. */
export type FieldProps = {
  readonly name: string;
  readonly label: string;
  readonly required?: boolean;
  /** A line of explanation below the label. */
  readonly help?: string;
};

/** The attributes that tie an input to its explanation and its errors. */
export type InputTies = {
  readonly id: string;
  readonly name: string;
  readonly required: boolean;
  readonly autofocus: boolean | undefined;
  readonly 'aria-invalid': 'true' | undefined;
  readonly 'aria-describedby': string | undefined;
};

/** The ties of the input called `name`; see {@link Field}, which renders what they refer to. */
export function useTies({ name, required = false, help }: Omit<FieldProps, 'label'>): InputTies {
  const { errors } = usePage();
  const id = fieldId(name);
  const wrong = errors.has(name);
  const described = [help ? `${id}-help` : '', wrong ? `${id}-errors` : ''].filter(Boolean).join(' ');
  return {
    id,
    name,
    required,
    // Only the first bad field: the browser takes the first element that asks.
    autofocus: wrong || undefined,
    'aria-invalid': wrong ? 'true' : undefined,
    'aria-describedby': described || undefined,
  };
}

/** Label, explanation, input and errors of one field. */
export function Field({ children, ...field }: FieldProps & { readonly children: ComponentChildren }) {
  return (
    <div class="field">
      <label class="label" htmlFor={fieldId(field.name)}>
        <LabelText {...field} />
      </label>
      <Help {...field} />
      {children}
      <FieldErrors name={field.name} />
    </div>
  );
}

/** The same for several inputs under one heading. */
export function FieldGroup({ children, ...field }: FieldProps & { readonly children: ComponentChildren }) {
  const ties = useTies(field);
  return (
    <fieldset class="field" aria-describedby={ties['aria-describedby']} aria-invalid={ties['aria-invalid']}>
      <legend class="label">
        <LabelText {...field} />
      </legend>
      <Help {...field} />
      {children}
      <FieldErrors name={field.name} />
    </fieldset>
  );
}

/** The label; fields that may be left empty say so. */
export function LabelText({ label, required = false }: FieldProps) {
  const { locale } = usePage();
  if (required) return <>{label}</>;
  return (
    <>
      {label} <span class="optional">{kitWords(locale)('optional')}</span>
    </>
  );
}

/** The explanation of a field, where it has one; the input names it by its id. */
export function Help({ name, help }: FieldProps) {
  if (!help) return null;
  return (
    <p class="help" id={`${fieldId(name)}-help`}>
      {help}
    </p>
  );
}

/** What is wrong with the answer to a field, where something is; the input names it by its id. */
export function FieldErrors({ name }: { readonly name: string }) {
  const messages = usePage().errors.get(name);
  if (!messages) return null;
  return (
    <div class="field-errors" id={`${fieldId(name)}-errors`}>
      {messages.map((message) => (
        <p key={message}>{message}</p>
      ))}
    </div>
  );
}
