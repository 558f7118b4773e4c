export { CSRF_COOKIE, SESSION_COOKIE, csrfToken, readCookie, sessionCookies } from './cookies.ts';
export { DEVICE_COOKIE, deviceCookie, isKnownDevice } from './known-device.ts';
export { isForeign } from './same-site.ts';
export { isSecure } from './secure.ts';
export { SessionConflict, openSession, saveSession, sessionOfRequest } from './session.ts';
export type { SessionUser } from './session-user.ts';
export type { Session, SessionChange } from './session.ts';
export { endBegun, endOthers as endOtherSessions } from './store.ts';
