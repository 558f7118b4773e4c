const SLUG = /^[-a-zA-Z0-9_]+$/;

/** Whether a text is a slug as Django has it: ASCII letters, digits, `_`, `-`; not empty (contract 2.3). */
export function isSlug(text: string): boolean {
  return SLUG.test(text);
}
