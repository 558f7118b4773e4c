export { CSRF_COOKIE, SESSION_COOKIE, csrfToken, readCookie, sessionCookies } from './cookies.ts';
export { isForeign } from './same-site.ts';
export { SessionConflict, openSession, saveSession } from './session.ts';
export type { Session, SessionChange, SessionUser } from './session.ts';
export { endOthers as endOtherSessions } from './store.ts';
