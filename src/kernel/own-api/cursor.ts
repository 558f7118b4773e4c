import type { Vault } from '../crypto/vault.ts';
import { Problem, problems } from './problem.ts';

const SIGNATURE_LENGTH = 22; // 132 bits of the MAC
const PURPOSE = 'page cursor';

/** Cursors of one list with its filters; one of another list, or with other filters, is none. */
export type Cursors = {
  /** A place in the list: the values by which it is ordered, of the last item shown. */
  write(place: readonly string[]): string;
  /** The place of a cursor that a client sent. Throws 422. */
  read(cursor: string): readonly string[];
};

/**
 * Makes and reads the cursors of a list. They are signed, so that clients neither build nor change them, and hold only
 * what the client was shown.
 * @param scope names the list and its filters
 */
export function cursorsOf({ vault }: { readonly vault: Vault }, scope: string): Cursors {
  const sign = (payload: string): string => vault.mac(`${scope}\n${payload}`, PURPOSE).slice(0, SIGNATURE_LENGTH);
  return {
    write(place) {
      const payload = Buffer.from(JSON.stringify(place)).toString('base64url');
      return `${payload}.${sign(payload)}`;
    },
    read(cursor) {
      const [payload = '', signature = ''] = cursor.split('.');
      if (cursor !== `${payload}.${signature}` || !vault.sameText(signature, sign(payload))) throw badCursor();
      const place: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
      if (!Array.isArray(place)) throw badCursor();
      return place.map(String);
    },
  };
}

function badCursor(): Problem {
  const detail = 'The cursor is not one of this list with these filters.';
  return new Problem(problems.invalidFields, { errors: [{ parameter: 'cursor', code: 'wrong_form', detail }] });
}
