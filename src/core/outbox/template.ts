import { extensionPoint } from '../../kernel/feature.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

export const PARTS = ['subject', 'html', 'text'] as const;
export type Part = (typeof PARTS)[number];

/** A folder of mail templates: each folder in it is one, named as on the wire without `email/` and `.html`. */
export type MailFolder = { readonly name: string; readonly url: URL };

/** The point through which features bring their templates. */
export const mailFolder = extensionPoint<MailFolder>('mail-folder', (value) => value.name);

/** What `template.json` of a template says. */
export type TemplateNote = {
  readonly description: string;
  /** Values to show it with. */
  readonly sample: JsonObject;
};

/** The name of a template on the wire: `email/invitation.html`. */
export const wireName = (name: string): string => `email/${name}.html`;
