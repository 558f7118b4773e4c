import type { Transaction } from '../db/types.ts';
import { extensionPoint } from '../feature.ts';
import type { Actor } from './actor.ts';

/** An object that came to be: its model (`app_label.model`) and primary key. */
export type CreatedObject = { readonly model: string; readonly key: string | number };

/** Who may do something with single objects. The kernel asks, core/roles grants. */
export type ObjectGrants = {
  /**
   * SQL of the primary keys, as text, of the objects on which one of the roles grants the permission. In: SQL of a
   * `uuid[]` and of a text `app_label.codename`.
   */
  objects(roles: string, permission: string): string;
  /** Grants what the roles of its creator get on a new object. */
  created(tx: Transaction, actor: Actor, object: CreatedObject): Promise<void>;
};

/** The point through which the one implementation comes; without it nothing is granted on single objects. */
export const objectGrants = extensionPoint<ObjectGrants>('object-grants', () => 'object-grants');
