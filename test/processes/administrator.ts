import { randomBytes } from 'node:crypto';
import type { Answer, Send } from '../jar.ts';

export const FLOW = 'invitation-enrollment-flow';
export const INVITATIONS = '/api/v3/stages/invitation/invitations/';

/** Variables for the first start, and the administrator's access that they give. */
export function bootstrap() {
  const token = `test-${randomBytes(20).toString('hex')}`;
  const env = { VESTIBULE_BOOTSTRAP_TOKEN: token, VESTIBULE_SECRET_KEY: randomBytes(40).toString('hex') };
  return { token, env };
}

type Request = [method: string, url: string, json?: unknown];

/** Somebody with an API token. */
export type Administrator = {
  ask(...request: Request): Promise<Answer>;
  /** The same; @throws when the status is not that one */
  expect(status: number, ...request: Request): Promise<Answer>;
};

/** @param send to which server; asked at each request, because a server that was restarted has another one */
export function administrator(send: () => Send, token: string): Administrator {
  const ask: Administrator['ask'] = (method, url, json) => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (json === undefined) return send()({ method, url, headers });
    headers['content-type'] = 'application/json';
    return send()({ method, url, headers, payload: JSON.stringify(json) });
  };
  return {
    ask,
    async expect(status, ...request) {
      const answer = await ask(...request);
      if (answer.status === status) return answer;
      throw new Error(`${request[0]} ${request[1]} answered ${answer.status}, not ${status}: ${answer.text}`);
    },
  };
}

/** The primary key of the default enrollment flow. */
export async function enrollmentFlow(by: Administrator): Promise<string> {
  const { body } = await by.expect(200, 'GET', `/api/v3/flows/instances/${FLOW}/`);
  return String(body.pk);
}

export type InvitationBody = { name: string; flow: string; single_use: boolean; expires?: string; fixed_data?: object };

/** Makes an invitation. @returns its key */
export async function invite(by: Administrator, invitation: InvitationBody): Promise<string> {
  const { body } = await by.expect(201, 'POST', INVITATIONS, invitation);
  return String(body.pk);
}
