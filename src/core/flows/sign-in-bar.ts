import type { Context } from '../../kernel/context.ts';
import { extensionPoint } from '../../kernel/feature.ts';

/** Why an inactive account may not sign in, where its owner is to be told. */
export type SignInBar = {
  readonly name: string;
  /** Asked only when the flow has proven who they are; in words for them, or undefined. */
  why(ctx: Context, userId: number): Promise<string | undefined>;
};

export const signInBar = extensionPoint<SignInBar>('sign-in-bar', (value) => value.name);
