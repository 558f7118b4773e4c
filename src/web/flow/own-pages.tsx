import type { Offered, OwnPage, OwnPageProps, OwnPages } from '../kit/own-page.ts';
import { translateWire } from './flow-words.ts';
import { Frame, Heading } from './frame.tsx';
import type { OwnPageInput } from './page-input.ts';

// Found, not listed, as the challenges are; these are rendered on the server only.
const brought = import.meta.glob<OwnPages>('../../features/stages/*/ui/pages.tsx', { eager: true });

const registered = new Map<string, OwnPage>();
for (const [path, { pages }] of Object.entries(brought)) {
  for (const [name, page] of Object.entries(pages)) {
    if (registered.has(name)) throw new Error(`${path}: a second page is named ${name}.`);
    registered.set(name, page);
  }
}

/** What the features offer under these names; one without words is a fault of the feature. */
export function offered(names: readonly string[]): readonly Offered[] {
  return names.map((name) => {
    const found = Object.values(brought)
      .map(({ offers = {} }) => (Object.hasOwn(offers, name) ? offers[name] : undefined))
      .find((one) => one !== undefined);
    if (!found) throw new Error(`No feature brings the words of the offer ${name}.`);
    return found;
  });
}

/**
 * The page that a feature brought under the name, ready to be rendered.
 * @throws Error for a name that nobody brought
 */
export function ownPage({ page, brand, ...input }: OwnPageInput) {
  const found = registered.get(page);
  if (!found) throw new Error(`No feature brings the page ${page}.`);
  const translate = (text: string) => translateWire(input.locale, text);
  const props: OwnPageProps = { ...input, brand: brand.name, translate };
  const title = found.title(props);
  const body = (
    <Frame brand={brand}>
      <Heading>{title}</Heading>
      <found.Page {...props} />
    </Frame>
  );
  return { title, body };
}
