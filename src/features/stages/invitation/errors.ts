import { defineErrors } from '../../../kernel/errors/index.ts';
import { Denial } from '../../../core/flows/index.ts';

/**
 * One text for every refusal: unknown, used, expired, withdrawn and foreign links must not be told apart (T07). It is
 * final even where the binding says restart, because a restart would only meet the same link (contract D13).
 */
export const invalidInvitation = (): Denial => new Denial('Invalid invite/invite not found', { final: true });

export const OTHER_ADDRESS = 'This invitation is for another email address.';

/** The account's address is not one that the invitation is for, or was not proved. Only who holds the link gets here. */
export const otherAddress = (): Denial => new Denial(OTHER_ADDRESS, { final: true });

/** What `send_email` refuses, in the contract's words (part 1, 2.9). */
export const mailErrors = defineErrors('invitation', {
  noAddresses: [400, { error: 'No email addresses provided' }],
  noFlow: [400, { error: 'Invitation has no associated flow' }],
});
