export { recordEvent } from './store.ts';
