import type { ComponentChildren } from 'preact';
import { destination } from '../kit/destination.ts';
import type { PageFrame } from './page-input.ts';
import { Mark } from './mark.tsx';

export type FrameProps = {
  readonly brand: PageFrame['brand'];
  readonly children: ComponentChildren;
};

/** What surrounds every page: the name above, one card below. */
export function Frame({ brand, children }: FrameProps) {
  return (
    <div class="page">
      <header class="brand">
        <Logo {...brand} />
        <span class="brand-name">{brand.name}</span>
      </header>
      <main class="card">{children}</main>
    </div>
  );
}

// A logo from elsewhere would be a request to a third party, and the content security policy refuses it.
function Logo({ logoUrl = '', darkLogoUrl = '' }: FrameProps['brand']) {
  if (!isOwn(logoUrl)) return <Mark />;
  const logo = <img class="brand-mark" src={logoUrl} alt="" />;
  if (!isOwn(darkLogoUrl)) return logo;
  return (
    <picture>
      <source media="(prefers-color-scheme: dark)" srcset={darkLogoUrl} />
      {logo}
    </picture>
  );
}

function isOwn(url: string): boolean {
  return url.startsWith('data:image/') || (url.startsWith('/') && destination(url) !== undefined);
}

type HeadingProps = { readonly children: ComponentChildren };

/** The page's heading, which takes the focus when a step is over. */
export function Heading({ children }: HeadingProps) {
  return (
    <h1 class="title" tabIndex={-1}>
      {children}
    </h1>
  );
}
