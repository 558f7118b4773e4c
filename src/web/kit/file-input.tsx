import { Field, useTies } from './field.tsx';
import type { FieldProps } from './field.tsx';
import { kitWords } from './kit-words.ts';
import { usePage } from './page.ts';

/** A file. It travels as a `data:` URI that only JavaScript can make, and says so without. */
export function FileField(field: FieldProps) {
  const { interactive, locale } = usePage();
  const ties = useTies(field);
  return (
    <Field {...field}>
      <input {...ties} type="file" class="input file" disabled={!interactive} data-blank="absent" />
      {interactive ? null : <p class="help">{kitWords(locale)('needsJavaScript')}</p>}
    </Field>
  );
}
