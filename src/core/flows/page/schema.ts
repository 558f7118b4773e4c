// The border between the server and the built pages (`dist/web/flow/server/entry-server.js`): types only.

export type PageLocale = 'en' | 'de';

/** A challenge as the executor puts it on the wire; the pages read it with care, whatever it holds. */
export type PageChallenge = { readonly component: string; readonly [key: string]: unknown };

/** A field of the default form, which serves every component without a `challenge.tsx` of its own. */
export type FormField = {
  /** The key of the answer, or of the challenge for `message`. */
  readonly key: string;
  /** `message` shows the challenge's text of that key; `hidden` sends it back. */
  readonly type: 'text' | 'email' | 'password' | 'number' | 'date' | 'checkbox' | 'choice' | 'message' | 'hidden';
  readonly label: string;
  readonly required?: boolean;
  readonly help?: string;
  readonly autocomplete?: string;
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
};

export type PageUser = { readonly username: string; readonly name: string; readonly email: string };

/** How an installation shows itself; addresses are of this server, or `data:` ones of pictures. */
export type PageBrand = {
  readonly name: string;
  /** Without one the house's own mark is drawn. */
  readonly logoUrl?: string;
  /** The logo for dark surroundings. */
  readonly darkLogoUrl?: string;
  readonly iconUrl?: string;
  readonly styleUrl?: string;
};

/** What every page needs. */
export type PageFrame = {
  /** For the script and style tags; the same as in the Content-Security-Policy header. */
  readonly nonce: string;
  readonly locale: PageLocale;
  readonly brand: PageBrand;
  /** Addresses of the built files, see `dist/web/flow/manifest.json`. */
  readonly assets: { readonly script: string; readonly styles: readonly string[] };
};

export type PageInput = PageFrame & {
  readonly challenge: PageChallenge;
  readonly slug: string;
  readonly flowTitle: string;
  /** The inner query string of the page, as the executor gets it. */
  readonly query: string;
  /** `/api/v3/flows/executor/<slug>/?query=<encoded>` */
  readonly executorUrl: string;
  /** The page's own address without `itoken` and `flow_token`. */
  readonly formAction: string;
  readonly csrfToken?: string;
  /** Of which link's plan the page is; its forms send it along. Empty without a link. */
  readonly linkMark?: string;
  /** The default form of each component, by its wire name. */
  readonly forms: Readonly<Record<string, readonly FormField[]>>;
  /** Who is signed in. */
  readonly user?: PageUser;
  /** What was typed, to be shown again after an error. Never passwords. */
  readonly values?: Readonly<Record<string, string>>;
};

export type SignedInInput = PageFrame & {
  readonly user: PageUser;
  /** What the person may do here, by the names of the features' offers. */
  readonly offers: readonly string[];
  /** Where signing out begins; the default invalidation flow unless given. */
  readonly signOutUrl?: string;
};

/** A page that a feature brings in its `ui/pages.tsx`. */
export type OwnPageInput = PageFrame & {
  readonly page: string;
  /** What the page tells; it reads it with care. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The page's own address without what identifies its link. */
  readonly formAction: string;
  /** Fields that its forms send along without showing them. */
  readonly hidden: Readonly<Record<string, string>>;
  readonly user?: PageUser;
};

export type ErrorInput = PageFrame & {
  readonly status: number;
  readonly kind: 'not-found' | 'unreadable' | 'unavailable' | 'server-error' | 'forbidden' | 'throttled';
  readonly requestId?: string;
  /** After how long to come again, where the answer says so. */
  readonly retrySeconds?: number;
};

export type RenderedPage = { readonly html: string };

/** What the built server entry exports. */
export type FlowPages = {
  renderPage(input: PageInput): RenderedPage;
  renderSignedIn(input: SignedInInput): RenderedPage;
  renderError(input: ErrorInput): RenderedPage;
  renderOwn(input: OwnPageInput): RenderedPage;
};
