export const FLOW = 'invitation-enrollment-flow';
export const INVITATIONS = '/api/v3/stages/invitation/invitations/';

/**
 * Makes invitations, with what a PUT replaces them by: everything that can be written.
 * @param {{ ask: import('./server.mjs').Server['ask'] }} server
 * @param {number} count
 */
export async function makeInvitations({ ask }, count) {
  const flow = (await ask('GET', `/api/v3/flows/instances/${FLOW}/`)).pk;
  const made = [];
  for (let index = 0; index < count; index++) {
    const body = {
      name: `bench-${index}`,
      expires: '2090-01-01T00:00:00Z',
      fixed_data: { email: 'somebody@example.org', attributes: { department: 'Sales' } },
      single_use: true,
      flow,
    };
    const { pk } = await ask('POST', INVITATIONS, body);
    made.push({ pk, path: `${INVITATIONS}${pk}/`, body });
  }
  return made;
}
