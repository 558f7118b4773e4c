/**
 * The process's clock. What several processes must agree on (expiry of an invitation, a token, a session) is asked of
 * the database's clock instead (contract D3).
 */
export type Clock = { now(): Date };

export const systemClock: Clock = { now: () => new Date() };
