import type { ComponentChildren } from 'preact';
import { destination } from '../kit/destination.ts';
import { Mark } from './mark.tsx';

export type FrameProps = {
  readonly brand: { readonly name: string; readonly logoUrl?: string | undefined };
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
function Logo({ logoUrl = '' }: FrameProps['brand']) {
  const own = logoUrl.startsWith('data:image/') || (logoUrl.startsWith('/') && destination(logoUrl) !== undefined);
  return own ? <img class="brand-mark" src={logoUrl} alt="" /> : <Mark />;
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
