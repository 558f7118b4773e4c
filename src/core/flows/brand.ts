import type { Context } from '../../kernel/context.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';
import { DEFAULT_BACKGROUND } from './challenges.ts';
import type { ChallengeBody } from './challenges.ts';
import type { PageBrand } from './page/schema.ts';
import type { FlowRow } from './store.ts';
import { isJsonObject } from '../../kernel/schema/types.ts';

/** How an installation shows itself to the visitors of one host, and where they begin. */
export type FlowBrand = {
  readonly page: PageBrand;
  /** The language of who asks for none of ours; such as `de`. */
  readonly locale?: string;
  /** The picture behind flows that have none of their own. */
  readonly background: string;
  /** Slugs of the flows that count as default, by designation, before any other. */
  readonly flows: Readonly<Partial<Record<string, string>>>;
};

/** Tells the brand of a request by its host. At most one feature brings it. */
export type BrandSource = (ctx: Context, request: HttpRequest) => Promise<FlowBrand>;

export const brandSource = extensionPoint<BrandSource>('brand-source', () => 'brand-source');

/** What is shown where no brand can be told: none is registered, or the database is away. */
export const PLAIN_BRAND: FlowBrand = { page: { name: 'Vestibule' }, background: DEFAULT_BACKGROUND, flows: {} };

/** The brand of a request's host. */
export function findBrand(ctx: Context, request: HttpRequest): Promise<FlowBrand> {
  const source = ctx.registry.find(brandSource, 'brand-source');
  return source ? source(ctx, request) : Promise.resolve(PLAIN_BRAND);
}

/** The same, asked for while it is not known whether it is needed: a failure is told to who waits for it. */
export function startFindBrand(ctx: Context, request: HttpRequest): Promise<FlowBrand> {
  const brand = findBrand(ctx, request);
  brand.catch(() => undefined);
  return brand;
}

type Shown = {
  readonly request: HttpRequest;
  readonly flow: FlowRow;
  /** If it was asked for already. */
  readonly brand: Promise<FlowBrand> | undefined;
};

/** A challenge on the brand's background, unless the flow has one of its own (contract part 2, section 10). */
export async function onBackground(
  ctx: Context,
  { request, flow, brand }: Shown,
  challenge: ChallengeBody,
): Promise<ChallengeBody> {
  const info = challenge['flow_info'];
  if (flow.background !== '' || !isJsonObject(info)) return challenge;
  const { background } = await (brand ?? findBrand(ctx, request));
  return { ...challenge, flow_info: { ...info, background } };
}
