export { policy as groupPolicy } from './policy.ts';
export { Group, PartialGroup } from './resources/group.ts';
export type { Rights } from './rights.ts';
export { addMember, insertGroup } from './store.ts';
