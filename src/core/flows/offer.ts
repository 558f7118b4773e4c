import type { RequestContext } from '../../kernel/context.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { Session } from '../sessions/index.ts';

/** A page for some of those who are signed in, offered to them where they land without another goal. */
export type Offer = {
  /** The name of its words and address in the feature's `ui/pages.tsx`. */
  readonly name: string;
  /** Whether the session's user may use it; the page itself decides again. */
  isFor(ctx: RequestContext, session: Session): Promise<boolean>;
};

export const offer = extensionPoint<Offer>('offer', (value) => value.name);

/** The names of what the session's user is offered, in the order in which the features bring them. */
export async function listOffers(ctx: RequestContext, session: Session): Promise<string[]> {
  const all = ctx.registry.all(offer);
  const fits = await Promise.all(all.map((one) => one.isFor(ctx, session)));
  return all.filter((_one, at) => fits[at]).map(({ name }) => name);
}
