import { redactText } from '../../kernel/log/redact.ts';

/** Keys whose values are no business of the log. The function `event_cleanse` of the database masks the same. */
const SECRET_KEY = /pass(word|phrase)?|secret|token|credential|api_?key|private_?key|authorization|cookie/i;

/** What stands for a secret. */
export const MASK = '********************';

// A flag tells nothing, and neither does the lack of a value.
const tells = (value: unknown): boolean => value !== null && value !== undefined && typeof value !== 'boolean';

/** A copy of `value` with everything under a telling key masked, at any depth, and `token=…` and its like in texts. */
export function cleanse(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(cleanse);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, SECRET_KEY.test(key) && tells(inner) ? MASK : cleanse(inner)]),
  );
}
