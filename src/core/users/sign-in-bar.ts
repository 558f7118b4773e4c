import type { Context } from '../../kernel/context.ts';
import { extensionPoint } from '../../kernel/feature.ts';

/** Why an inactive account may not sign in, where its owner is to be told. */
export type SignInBar = {
  readonly name: string;
  /** Asked only when they have proven who they are; in words for them, or undefined. */
  why(ctx: Context, userId: number): Promise<string | undefined>;
};

export const signInBar = extensionPoint<SignInBar>('sign-in-bar', (value) => value.name);

/** Why the owner of an inactive account may not sign in, in words for them; undefined where nobody has any. */
export async function whyBarred(ctx: Context, userId: number): Promise<string | undefined> {
  for (const bar of ctx.registry.all(signInBar)) {
    const why = await bar.why(ctx, userId);
    if (why !== undefined) return why;
  }
  return undefined;
}
