export { findSetting, claimSetting, putSetting } from './store.ts';
