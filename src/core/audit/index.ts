export { EVENT_ACTIONS } from './actions.ts';
