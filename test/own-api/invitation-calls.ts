import { expect } from 'vitest';
import type { TestApp } from '../app.ts';
import type { Answer } from '../jar.ts';

export const INVITATIONS_URL = '/api/vestibule/v1/invitations';
export const V3_URL = '/api/v3/stages/invitation/invitations/';
export const FLOW = 'invitation-enrollment-flow';

/** The permission on invitations with that verb. */
export const MAY = (verb: string): string => `authentik_stages_invitation.${verb}_invitation`;

/** Where a problem's errors are. */
export const pointers = ({ body }: Answer): string[] => body.errors.map(({ pointer }: { pointer: string }) => pointer);

/** The operations of invitations that tests use most, as the administrator unless a token is given. */
export function invitationsOf(app: TestApp) {
  const make = (json: object = {}, options: { token?: string } = {}): Promise<Answer> =>
    app.api('POST', INVITATIONS_URL, { name: 'one', ...json }, options);
  return {
    make,
    async made(json: object = {}) {
      const answer = await make(json);
      expect(answer.status).toBe(201);
      return answer.body;
    },
    read: (id: string, token?: string) =>
      app.api('GET', `${INVITATIONS_URL}/${id}`, undefined, token === undefined ? {} : { token }),
    patch: (id: string, json: unknown, headers: Record<string, string> = { 'if-match': '*' }) =>
      app.api('PATCH', `${INVITATIONS_URL}/${id}`, json, { headers }),
    // oxlint-disable-next-line max-params -- a request fits on one line of a test
    act: (id: string, verb: string, json: unknown = {}, options: { token?: string } = {}) =>
      app.api('POST', `${INVITATIONS_URL}/${id}/${verb}`, json, options),
    in3: async (id: string) => (await app.api('GET', `${V3_URL}${id}/`)).status,
  };
}
