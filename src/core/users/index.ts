export { attributesFilter } from './attributes-filter.ts';
export { avatarOf } from './avatar.ts';
export { attemptPassword, forgetFailures } from './password-attempt.ts';
export { markOf as passwordMarkOf } from './password-check.ts';
export type { HashUpgrade, PasswordVerdict } from './password-check.ts';
export { policy as userPolicy } from './policy.ts';
export { PartialUser, User } from './resources/user.ts';
export { signInBar, whyBarred } from './sign-in-bar.ts';
export type { SignInBar } from './sign-in-bar.ts';
export {
  activateUser,
  findPasswordHash,
  findUser,
  findUserByUsername,
  insertUser,
  isUsernameViolation,
  lockPasswordHash,
  proveEmail,
  replacePasswordHash,
  setPasswordHash,
  touchLogin,
  usernameTaken,
  userIdOf,
  UsernameTaken,
} from './store.ts';
export type { NewUser, UserRow } from './store.ts';
export { hasControls, NO_CONTROLS } from './username.ts';
