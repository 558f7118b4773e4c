export { authenticate } from './authenticate.ts';
export { createApiToken } from './key.ts';
export { purge as purgeTokens } from './store.ts';
