import { createHmac } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';

const PREFIX = 'whsec_';
// Standard Webhooks asks for 24 to 64 bytes.
const SECRET_BYTES = 32;
const PURPOSE = 'webhook secret';

/** A new secret as its owner gets it: `whsec_` and base64 (Standard Webhooks 1.0). */
export function newSecret({ random }: Pick<Context, 'random'>): string {
  return PREFIX + random.bytes(SECRET_BYTES).toString('base64');
}

/** Sealed: who can only look at the database signs nothing. */
export function sealSecret({ vault }: Pick<Context, 'vault'>, secret: string): Buffer {
  return vault.seal(secret, PURPOSE);
}

/** @throws Error when it was sealed with another secret key */
export function openSecret({ vault }: Pick<Context, 'vault'>, sealed: Buffer): string {
  const plain = vault.open(sealed, PURPOSE);
  if (!plain) throw new Error('The secret of the webhook cannot be read with this secret key.');
  return plain.toString('utf8');
}

export type Signed = { readonly id: string; readonly timestamp: number; readonly body: string };

/** `webhook-signature`: one for each secret, separated by spaces. `timestamp` in seconds (Standard Webhooks 1.0). */
export function signatureOf({ id, timestamp, body }: Signed, secrets: readonly string[]): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
    })
    .join(' ');
}
