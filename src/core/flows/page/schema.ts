import type { JsonObject } from '../../../kernel/schema/types.ts';

/** A field of the default form, for stages without a challenge component of their own. */
export type FormField = {
  /** The key of the answer. */
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'password' | 'email' | 'number' | 'checkbox' | 'hidden';
  readonly required?: boolean;
};

/** What every page needs. */
export type Frame = {
  readonly nonce: string;
  readonly locale: 'en' | 'de';
  readonly brand: { readonly name: string; readonly logoUrl?: string };
  readonly assets: { readonly script: string; readonly styles: readonly string[] };
};

export type PagePerson = { readonly username: string; readonly name: string; readonly email: string };

/** The page of a flow. */
export type PageInput = Frame & {
  /** The executor's answer. */
  readonly challenge: JsonObject;
  readonly slug: string;
  readonly flowTitle: string;
  /** The page's own query string. */
  readonly query: string;
  readonly executorUrl: string;
  /** The page's address without the secrets of its link. */
  readonly formAction: string;
  readonly csrfToken?: string;
  readonly forms: { readonly [component: string]: readonly FormField[] };
  readonly user?: PagePerson;
  /** What was typed, by field; never passwords. */
  readonly values?: { readonly [field: string]: string };
};

/** The page after sign-in without an application. */
export type SignedInInput = Frame & { readonly user: PagePerson; readonly signOutUrl: string };

/** A page that tells what went wrong. */
export type ErrorInput = Frame & {
  readonly status: number;
  readonly kind: 'not-found' | 'unavailable' | 'server-error' | 'forbidden';
  readonly requestId?: string;
};
