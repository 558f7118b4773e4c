export { FIRST_INVITATION } from './first-start.ts';
