/** What `user_rights` of the database says of a user. */
export type Rights = {
  readonly isSuperuser: boolean;
  /** Every role: their own, and those of their groups and of the groups above. */
  readonly roles: readonly string[];
  /** `app_label.codename` of what these grant on every object. */
  readonly permissions: readonly string[];
  /** `app_label.model` of what these are granted something on when its owner creates an object. */
  readonly initial: readonly string[];
};
