export { policy as rolePolicy } from './policy.ts';
export { Role } from './resources/role.ts';
export { userRoleFields } from './user-fields.ts';
