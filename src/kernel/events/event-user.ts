import type { EventUser } from './types.ts';

type Account = { readonly id: number; readonly username: string; readonly email: string };

/** Somebody, and who acts as them, if it is not they. */
export type Doer = Account & { readonly impersonator?: Account | null };

const shown = ({ id, username, email }: Account): EventUser => ({ pk: id, username, email });

/**
 * Who did it, as an event names them. While somebody acts as another it is they, and the other stands under
 * `on_behalf_of`, as upstream has it: the log must not say of a person what another did in their name.
 */
export function eventUser(doer: Doer): EventUser {
  const { impersonator } = doer;
  return impersonator ? { ...shown(impersonator), on_behalf_of: shown(doer) } : shown(doer);
}
