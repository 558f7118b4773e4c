import type { Kind } from '../../kernel/resource/field.ts';
import { bad } from '../../kernel/resource/field.ts';
import { textKind } from '../../kernel/resource/kinds/text.ts';
import { messages } from '../../kernel/resource/messages.ts';
import { isDomain } from './host.ts';
import { isOwnPicture } from './pictures.ts';

/** Characters of a picture or a style sheet: every page of a flow carries or loads them. */
const MAX_LENGTH = 65_536;

/** A text with a rule that the published schema does not know. */
function ruled(base: Kind<string>, rule: (text: string) => string | undefined): Kind<string> {
  return {
    ...base,
    check(value) {
      const checked = base.check(value);
      if ('faults' in checked) return checked;
      const message = rule(checked.value);
      return message === undefined ? checked : bad('invalid', message);
    },
  };
}

const tooLong = (text: string): string | undefined =>
  text.length > MAX_LENGTH ? messages.maxLength(MAX_LENGTH) : undefined;

export const domainKind = ruled(textKind({}), (text) =>
  isDomain(text) ? undefined : 'Enter a domain without scheme and port, such as id.example.org (xn--… for others).',
);

/** What the pages show: their content security policy lets nothing load from elsewhere (threats S18). */
export const pictureKind = ruled(textKind({}), (text) =>
  isOwnPicture(text)
    ? tooLong(text)
    : 'Enter a path on this server (/…) or a data:image/… URL: the pages load no pictures from elsewhere.',
);

export const boundedKind = ruled(textKind({}), tooLong);
export const styleKind = ruled(textKind({ trim: false, blank: true }), tooLong);
