import type { RequestContext } from '../../kernel/context.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { FlowRow } from './store.ts';

/** Knows links with a flow token that were used up, and what to tell who opens one again. */
export type UsedLink = {
  readonly name: string;
  /** @param keyHash of the token, as it was stored. Out: the words; undefined: it is no such link. */
  find(ctx: RequestContext, flow: FlowRow, keyHash: string): Promise<string | undefined>;
};

export const usedLink = extensionPoint<UsedLink>('used-link', (value) => value.name);
