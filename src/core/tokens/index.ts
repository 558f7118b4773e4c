export { actorOfSession, findActor } from './actor.ts';
export { authenticate } from './authenticate.ts';
export { createApiToken } from './key.ts';
export { endTokens, listTokenNames } from './store.ts';
