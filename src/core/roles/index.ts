export { Role } from './resources/role.ts';
