import type { ComponentChild } from 'preact';
import { CheckboxField, RadioField, SelectField } from '../../../../web/kit/choice-input.tsx';
import { FileField } from '../../../../web/kit/file-input.tsx';
import { Notice } from '../../../../web/kit/notice.tsx';
import type { Tone } from '../../../../web/kit/notice.tsx';
import { usePage } from '../../../../web/kit/page.ts';
import { PasswordField } from '../../../../web/kit/password-input.tsx';
import { TextAreaField, TextField } from '../../../../web/kit/text-input.tsx';
import { catalogue } from '../../../../web/kit/words.ts';
import type { Locale } from '../../../../web/kit/words.ts';
import de from './messages.de.json';
import en from './messages.en.json';
import { autocompleteOf, dateOf } from './prompts.ts';
import type { Prompt } from './prompts.ts';

const words = catalogue(en, de);

/** One prompt, by its type; a type unknown here is shown as a line of text. */
export function PromptField(prompt: Prompt) {
  const { locale, translate } = usePage();
  const { label, placeholder, help } = prompt;
  const shown = { ...prompt, label: translate(label), placeholder: translate(placeholder), help: translate(help) };
  return FIELDS.get(prompt.type)?.(shown, locale) ?? <TextField {...shown} type="text" />;
}

// Upstream renders `static` and `sub_text` as HTML; here text is text (T23).
const FIELDS: ReadonlyMap<string, (prompt: Prompt, locale: Locale) => ComponentChild> = new Map([
  ['text', line],
  ['username', line],
  ['email', (prompt) => <TextField {...prompt} type="email" autocomplete="email" />],
  ['number', (prompt) => <TextField {...prompt} type="number" />],
  ['date', (prompt) => <TextField {...prompt} type="date" initial={dateOf(prompt.initial, 'date')} />],
  [
    'date-time',
    (prompt) => <TextField {...prompt} type="datetime-local" initial={dateOf(prompt.initial, 'datetime-local')} />,
  ],
  ['text_read_only', (prompt) => <TextField {...prompt} type="text" readOnly />],
  ['text_area', (prompt) => <TextAreaField {...prompt} />],
  ['text_area_read_only', (prompt) => <TextAreaField {...prompt} readOnly />],
  ['password', password],
  ['checkbox', (prompt) => <CheckboxField {...prompt} />],
  ['radio-button-group', (prompt) => <RadioField {...prompt} />],
  ['dropdown', (prompt) => <SelectField {...prompt} />],
  ['ak-locale', localeField],
  [
    'file',
    ({ name, label, required, help }) => <FileField name={name} label={label} required={required} help={help} />,
  ],
  ['hidden', ({ name, initial }) => <input type="hidden" name={name} value={initial} />],
  ['separator', ({ label }) => <div class="separator">{label ? <p>{label}</p> : null}</div>],
  ['static', ({ label, initial, help }) => <Static texts={[label, initial, help]} />],
  ['alert_info', alertOf('info')],
  ['alert_warning', alertOf('warning')],
  ['alert_danger', alertOf('danger')],
]);

function line(prompt: Prompt) {
  return <TextField {...prompt} type="text" autocomplete={autocompleteOf(prompt)} />;
}

// A prompt always asks for a password to be set: managers shall offer a fresh one, in both fields of a pair.
function password({ name, label, required, help, placeholder }: Prompt) {
  const field = { name, label, required, help, placeholder };
  return <PasswordField {...field} autocomplete="new-password" mayShow />;
}

const LOCALES = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
];

function localeField(prompt: Prompt, locale: Locale) {
  const choices = prompt.choices.length > 0 ? prompt.choices.filter((choice) => choice.value !== '') : LOCALES;
  return <SelectField {...prompt} choices={choices} blank={words(locale)('localeAutomatic')} />;
}

function alertOf(tone: Tone) {
  return ({ label, initial, help }: Prompt) => (
    <Notice tone={tone}>
      <Static texts={[label, initial, help]} />
    </Notice>
  );
}

function Static({ texts }: { readonly texts: readonly string[] }) {
  return (
    <div class="static">
      {texts.filter(Boolean).map((text) => (
        <p class="text" key={text}>
          {text}
        </p>
      ))}
    </div>
  );
}
