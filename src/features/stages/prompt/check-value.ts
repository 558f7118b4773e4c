import { MAX_PASSWORD_LENGTH } from '../../../kernel/crypto/passwords.ts';
import { bad } from '../../../kernel/resource/field.ts';
import type { Checked } from '../../../kernel/resource/field.ts';
import { booleanKind, dateKind, dateTimeKind, integerKind } from '../../../kernel/resource/kinds/scalar.ts';
import { choiceKind } from '../../../kernel/resource/kinds/structured.ts';
import { emailKind, textKind } from '../../../kernel/resource/kinds/text.ts';
import { messages } from '../../../kernel/resource/messages.ts';
import type { Json } from '../../../kernel/schema/types.ts';
import type { PromptType } from './field-types.ts';
import { faultOfFileUri } from './file-uri.ts';

/** What decides whether a value is good for a field. */
export type ValueRule = {
  readonly type: PromptType;
  readonly required: boolean;
  /** Of a choice field. */
  readonly choices: readonly string[];
};

const MAX_USERNAME = 150;
const SAFE_INTEGERS = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
const trimmed = textKind({});

// Two names that look like one would let one person pass for the other (T09).
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

function checkUsername(value: Json): Checked<Json> {
  const checked = textKind({ maxLength: MAX_USERNAME }).check(value);
  if ('faults' in checked || !INVISIBLE.test(checked.value)) return checked;
  return bad('invalid', 'Enter a username without invisible characters.');
}

function checkPassword(value: Json): Checked<Json> {
  const checked = trimmed.check(value);
  // Counted as the hashing counts, in UTF-16 units.
  if ('faults' in checked || checked.value.length <= MAX_PASSWORD_LENGTH) return checked;
  return bad('max_length', messages.maxLength(MAX_PASSWORD_LENGTH));
}

function checkFile(value: Json): Checked<Json> {
  const checked = trimmed.check(value);
  if ('faults' in checked) return checked;
  const fault = faultOfFileUri(checked.value);
  return fault === undefined ? checked : bad('invalid', fault);
}

function checkLocale(value: Json): Checked<Json> {
  const checked = textKind({ blank: true }).check(value);
  if ('faults' in checked || checked.value === '') return checked;
  try {
    new Intl.Locale(checked.value.replaceAll('_', '-'));
    return checked;
  } catch {
    return bad('invalid_choice', messages.choice(checked.value));
  }
}

/**
 * Checks a submitted value, not null, by the type of its field (contract part 2, 11.1).
 * Out: the value as it goes into the plan, or the faults with the contract's texts and codes.
 */
export function checkValue(rule: ValueRule, value: Json): Checked<Json> {
  const { type, required, choices } = rule;
  switch (type) {
    case 'text':
    case 'text_area':
      return textKind({ trim: false, blank: !required }).check(value);
    case 'username':
      return checkUsername(value);
    case 'email':
      return emailKind({ blank: !required }).check(value);
    case 'password':
      return checkPassword(value);
    case 'number':
      return integerKind(SAFE_INTEGERS).check(value);
    case 'checkbox':
      return booleanKind.check(value);
    case 'radio-button-group':
    case 'dropdown':
      return choiceKind('PromptChoice', choices).check(value);
    case 'date':
      return dateKind.check(value);
    case 'date-time':
      return dateTimeKind.check(value);
    case 'file':
      return checkFile(value);
    case 'ak-locale':
      return checkLocale(value);
    // These have no value of the visitor's; see answers.ts.
    case 'text_read_only':
    case 'text_area_read_only':
    case 'hidden':
    case 'static':
    case 'separator':
    case 'alert_info':
    case 'alert_warning':
    case 'alert_danger':
      return trimmed.check(value);
    default:
      return type satisfies never;
  }
}
