import type { Context } from '../../kernel/context.ts';
import { isJsonObject } from '../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../kernel/schema/types.ts';

const PURPOSE = 'outbox';

/** What makes a message out of its template. */
export type Content = {
  readonly values: JsonObject;
  /** A subject in place of the template's, as plain text. */
  readonly subject?: string;
  /** Our own, which links begin with that the cause knows. */
  readonly origin?: string;
};

/** Sealed: who can only look at the database learns no link. */
export function sealContent({ vault }: Pick<Context, 'vault'>, content: Content): Buffer {
  return vault.seal(JSON.stringify(content), PURPOSE);
}

/** The content of a stored message. @throws Error when it was sealed with another secret key */
export function openContent({ vault }: Pick<Context, 'vault'>, sealed: Buffer): Content {
  const plain = vault.open(sealed, PURPOSE);
  const read: Json = plain ? JSON.parse(plain.toString('utf8')) : null;
  if (!isJsonObject(read) || !isJsonObject(read['values']))
    throw new Error('The content cannot be read with this secret key.');
  const { values, subject, origin } = read;
  return {
    values,
    ...(typeof subject === 'string' ? { subject } : {}),
    ...(typeof origin === 'string' ? { origin } : {}),
  };
}
