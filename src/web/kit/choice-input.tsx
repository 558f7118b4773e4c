import { Field, FieldErrors, FieldGroup, Help, useTies } from './field.tsx';
import type { FieldProps } from './field.tsx';
import { kitWords } from './kit-words.ts';
import { fieldId, usePage } from './page.ts';
import type { Choice } from './read.ts';

type ChoiceProps = FieldProps & { readonly choices: readonly Choice[]; readonly initial?: string };

/** One of several, folded away. `blank` may be chosen where given; else an optional one may stay unchosen. */
export function SelectField({ choices, initial = '', blank, ...field }: ChoiceProps & { readonly blank?: string }) {
  const page = usePage();
  const ties = useTies(field);
  const selected = page.values.get(field.name) ?? initial;
  const unchosen = !choices.some((choice) => choice.value === selected);
  return (
    <Field {...field}>
      <select {...ties} class="input select" data-blank={blank === undefined && initial === '' ? 'absent' : undefined}>
        {blank !== undefined || unchosen || !field.required ? (
          <option value="" selected={unchosen}>
            {blank ?? kitWords(page.locale)('choose')}
          </option>
        ) : null}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value} selected={choice.value === selected}>
            {choice.label}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** One of several, all in view. */
export function RadioField({ choices, initial = '', ...field }: ChoiceProps) {
  const page = usePage();
  const selected = page.values.get(field.name) ?? initial;
  return (
    <FieldGroup {...field}>
      {choices.map((choice, index) => (
        <label class="option" key={choice.value}>
          <input
            type="radio"
            id={index === 0 ? fieldId(field.name) : undefined}
            name={field.name}
            value={choice.value}
            required={field.required}
            defaultChecked={choice.value === selected}
          />
          <span>{choice.label}</span>
        </label>
      ))}
    </FieldGroup>
  );
}

const UNCHECKED: readonly string[] = ['', 'false', '0', 'off', 'no'];

/** Yes or no. The hidden companion makes an unchecked box arrive as `false`; of two values the last one counts. */
export function CheckboxField({ initial = '', ...field }: FieldProps & { readonly initial?: string }) {
  const page = usePage();
  // A box that must be ticked does not exist in the contract (part 2, 11.1).
  const ties = useTies({ ...field, required: false });
  const checked = !UNCHECKED.includes((page.values.get(field.name) ?? initial).toLowerCase());
  return (
    <div class="field">
      <input type="hidden" name={field.name} value="false" />
      <label class="option">
        <input {...ties} type="checkbox" value="true" defaultChecked={checked} />
        <span>{field.label}</span>
      </label>
      <Help {...field} />
      <FieldErrors name={field.name} />
    </div>
  );
}
