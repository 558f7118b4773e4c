export { Role } from './resources/role.ts';
export { userRoleFields } from './user-fields.ts';
