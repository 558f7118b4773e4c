import type { ComponentType } from 'preact';
import type { Locale } from './words.ts';

/** What a page of a feature's own gets. */
export type OwnPageProps = {
  readonly locale: Locale;
  readonly brand: string;
  /** As the server sent it; read with `read.ts`. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly formAction: string;
  /** Fields that each form sends along without showing them. */
  readonly hidden: Readonly<Record<string, string>>;
  /** A known English text of the server in the page's language; unknown ones as they are. */
  readonly translate: (text: string) => string;
  /** Who is signed in. */
  readonly user?: { readonly username: string; readonly name: string } | undefined;
};

export type OwnPage = {
  /** The heading, and with the brand the window's title. */
  readonly title: (props: OwnPageProps) => string;
  readonly Page: ComponentType<OwnPageProps>;
};

/** What somebody who is signed in is offered: a page of this server, and what it is called on its button. */
export type Offered = { readonly href: string; readonly text: (locale: Locale) => string };

/** What a feature's `ui/pages.tsx` exports: its pages and offers, by the names that its server side asks for. */
export type OwnPages = {
  readonly pages: Readonly<Record<string, OwnPage>>;
  readonly offers?: Readonly<Record<string, Offered>>;
};
