/** The collections that the tests of the wire speak to. */
export const INVITATIONS = '/api/v3/stages/invitation/invitations/';
export const INVITATION_STAGES = '/api/v3/stages/invitation/stages/';
export const FLOWS = '/api/v3/flows/instances/';
export const FLOW_BINDINGS = '/api/v3/flows/bindings/';
export const USERS = '/api/v3/core/users/';
export const ENROLLMENT = 'invitation-enrollment-flow';
export const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
export const DENIED = { detail: 'You do not have permission to perform this action.' };
export const NO_CREDENTIALS = { detail: 'Authentication credentials were not provided.' };
