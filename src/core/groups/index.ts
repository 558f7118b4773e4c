export { Group, PartialGroup } from './resources/group.ts';
export { addMember } from './store.ts';
