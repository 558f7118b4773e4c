/** Markup that is ready; everything else is text and gets escaped. */
export type Markup = { readonly markup: string };

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

type Part = string | Markup | readonly Markup[];

function partText(part: Part): string {
  if (typeof part === 'string') return escapeText(part);
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}

/** A template whose texts are escaped, also inside quoted attributes. */
export function render(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: strings.map((text, at) => text + (at < parts.length ? partText(parts[at] ?? '') : '')).join('') };
}

/** Nothing. */
export const nothing: Markup = { markup: '' };
