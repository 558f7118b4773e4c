export { avatarOf } from './avatar.ts';
export {
  findPasswordHash,
  findUser,
  findUserByUsername,
  insertUser,
  isUsernameViolation,
  setPasswordHash,
  touchLogin,
  usernameTaken,
  UsernameTaken,
} from './store.ts';
export type { NewUser, UserRow } from './store.ts';
