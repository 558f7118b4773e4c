/**
 * Who asks, as the permission check sees it. Loaded anew for each request from the token or the session; a cached one
 * is at most one second old.
 */
export type Actor = {
  readonly id: number;
  readonly uuid: string;
  readonly username: string;
  readonly email: string;
  /** Member, directly or through parent groups, of a group with `is_superuser` (contract part 1, 2.5). */
  readonly isSuperuser: boolean;
  /** `internal`, `external`, `service_account` or `internal_service_account`. */
  readonly type: string;
  /** The roles held, directly or through groups and the groups above them. */
  readonly roles: readonly string[];
  /** Models (`app_label.model`) of which a new object gives something to one of these roles. */
  readonly initial: ReadonlySet<string>;
  /** How the request proved it: an API token, or the session cookie. */
  readonly via: 'token' | 'session';
  /** The session the request came with; it alone outlives its owner's change of password. */
  readonly sessionUuid?: string;
  /** Who acts as this user; never with a token. */
  readonly impersonator?: { readonly id: number; readonly username: string; readonly email: string };
  /** Whether the permission (`app_label.codename`) is held on every object of its model. */
  can(permission: string): boolean;
};
