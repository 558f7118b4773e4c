import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { Announcement } from '../../kernel/lifecycle.ts';

/** What a feature makes at the first start of a database, in its transaction, and tells who started it. */
export type FirstStartPart = {
  readonly name: string;
  /** `userId`: the administrator. `baseUrl`: our own origin, for links. */
  run(
    ctx: Context,
    tx: Transaction,
    by: { readonly userId: number; readonly baseUrl: string },
  ): Promise<readonly Announcement[]>;
};

export const firstStartPart = extensionPoint<FirstStartPart>('first-start-part', (value) => value.name);
