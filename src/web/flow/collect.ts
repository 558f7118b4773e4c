/** The body of an answer, as the executor wants it. */
export type Answer = Readonly<Record<string, unknown>>;

/** A file could not be read; what was typed stays. */
export class UnreadableFile extends Error {}

/**
 * Reads a form as a JSON answer: boxes as booleans, files as `data:` URIs, everything else as text. Fields marked
 * `data-blank="absent"` are left out while empty, because the executor takes an empty date or number for an error.
 * @param submitter the button that was used; its name and value belong to the answer
 * @throws UnreadableFile
 */
export async function collect(form: HTMLFormElement, submitter: HTMLElement | null): Promise<Answer> {
  const answer = new Map<string, unknown>();
  for (const element of form.elements) {
    const value = await valueOf(element, submitter);
    if (value !== undefined) answer.set(nameOf(element), value);
  }
  answer.delete('csrf'); // travels as a header
  answer.delete('link-mark'); // the query says it, to the executor
  answer.delete('');
  // From entries: a field called `__proto__` becomes a key like any other (T12).
  return Object.fromEntries(answer);
}

function nameOf(element: Element): string {
  return element.getAttribute('name') ?? '';
}

async function valueOf(element: Element, submitter: HTMLElement | null): Promise<unknown> {
  if (element instanceof HTMLButtonElement) return element === submitter ? buttonValue(element.value) : undefined;
  if (element instanceof HTMLInputElement) return inputValue(element);
  if (element instanceof HTMLTextAreaElement) return element.value;
  if (element instanceof HTMLSelectElement) return presentOr(element, element.value);
  return undefined;
}

function buttonValue(value: string): unknown {
  if (value === 'true') return true;
  return value === 'false' ? false : value;
}

function inputValue(input: HTMLInputElement): unknown {
  if (input.type === 'checkbox') return input.checked;
  if (input.type === 'radio') return input.checked ? input.value : undefined;
  if (input.type === 'file') return input.files?.[0] ? readAsDataUri(input.files[0]) : undefined;
  // A browser hides what it cannot read as a number or date; the server's word for it belongs at the field.
  if (input.validity.badInput) return 'invalid';
  return presentOr(input, input.value);
}

function presentOr(element: HTMLElement, value: string): string | undefined {
  return value === '' && element.dataset.blank === 'absent' ? undefined : value;
}

function readAsDataUri(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    const refuse = () => reject(new UnreadableFile(file.name));
    reader.onload = () => (typeof reader.result === 'string' ? resolve(reader.result) : refuse());
    reader.onerror = refuse;
    reader.readAsDataURL(file);
  });
}
