import type { Rights } from '../groups/index.ts';

/** The person a session belongs to. */
export type SessionUser = {
  readonly id: number;
  readonly uuid: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly uid: string;
  readonly type: string;
  readonly isSuperuser: boolean;
};

/** The same with what they may do, as a loaded session knows them. */
export type SessionOwner = SessionUser & {
  readonly rights: Rights;
  /** Who acts as this person; null: they do. */
  readonly impersonator: Pick<SessionUser, 'id' | 'username' | 'email'> | null;
};
