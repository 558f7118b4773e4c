export { EVENT_ACTIONS } from './actions.ts';
export { listEventsAbout } from './store.ts';
