import type { Context } from '../../kernel/context.ts';
import { extensionPoint } from '../../kernel/feature.ts';

/** Hears of a username that a form or an account was refused, because it is another account's name or address. */
export type RefusedName = {
  readonly name: string;
  /** Outside of any transaction. Does the same whoever the name belongs to, so that it tells the visitor nothing (T24). */
  tell(ctx: Context, username: string): Promise<void>;
};

export const refusedName = extensionPoint<RefusedName>('refused-name', (value) => value.name);

/** Tells the features that a username was refused. */
export async function tellRefusedName(ctx: Context, username: string): Promise<void> {
  for (const one of ctx.registry.all(refusedName)) await one.tell(ctx, username);
}
