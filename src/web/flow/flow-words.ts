import { catalogue } from '../kit/words.ts';
import type { Locale } from '../kit/words.ts';
import de from './messages.de.json';
import en from './messages.en.json';

export const flowWords = catalogue(en, de);

export type FlowKey = keyof typeof en;

/** The words of the invitation stage for every refusal (contract part 2, 1.2). */
export const INVALID_INVITATION = 'Invalid invite/invite not found';

/** The words of the set-up for a link that was used. */
export const SET_UP_DONE = 'The set-up is done already.';

/** The engine's words when a flow is not for this visitor (contract part 2, section 7): no words for a person. */
export const NOT_APPLICABLE = 'Flow does not apply to current user.';

/**
 * Shows a known English text of the server (an error, a denial, a label of the default flows) in the page's language.
 * The known ones are the entries `wire.*` and `label.*` of the catalogues.
 * @returns the text as it is, when it is unknown
 */
export function translateWire(locale: Locale, text: string): string {
  if (locale === 'en') return text;
  for (const { pattern, names, key } of KNOWN) {
    const found = pattern.exec(text);
    if (!found) continue;
    return flowWords(locale)(key, Object.fromEntries(names.map((name, index) => [name, found[index + 1] ?? ''])));
  }
  return text;
}

function isKnown(key: string): key is FlowKey {
  return /^(wire|label)\./.test(key);
}

const KNOWN = Object.entries(en).flatMap(([key, template]) => (isKnown(key) ? [patternOf(key, template)] : []));

function patternOf(key: FlowKey, template: string) {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const source = template
    .split(/\{\w+\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('(.+)');
  return { key, names, pattern: new RegExp(`^${source}$`, 's') };
}
