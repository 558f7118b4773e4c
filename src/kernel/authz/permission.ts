import { extensionPoint } from '../feature.ts';

/** A permission besides the four of each model and those that endpoints of `/api/v3` ask for. */
export type OwnPermission = {
  /** `app_label.codename`. */
  readonly permission: string;
  /** What it is about, as `app_label.model`: it can be granted on one object of it. */
  readonly model: string;
  /** For people: `Can …`. */
  readonly name: string;
};

/** The point through which features bring permissions of their own. */
export const ownPermission = extensionPoint<OwnPermission>('permission', (value) => value.permission);
