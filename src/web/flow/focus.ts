const IN_ORDER: readonly string[] = [
  'input[aria-invalid="true"], select[aria-invalid="true"], textarea[aria-invalid="true"]',
  '[aria-invalid="true"] input',
  '[role="alert"]',
  'input[autofocus]',
  'h1',
];

/** Moves the focus to the first bad field, else to the form's errors, the field that waits for input, the heading. */
export function moveFocus(document: Document): void {
  const targets = IN_ORDER.map((selector) => document.querySelector<HTMLElement>(selector));
  const target = targets.find((element) => element !== null);
  target?.focus();
  // Whoever has to correct a line replaces it by typing; arrow keys still edit it.
  if (target instanceof HTMLInputElement && target.getAttribute('aria-invalid') === 'true') target.select();
}
