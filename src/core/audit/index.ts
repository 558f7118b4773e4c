export { EVENT_ACTIONS } from './actions.ts';
export { Event } from './resources/event.ts';
export { listEventsAbout } from './store.ts';
