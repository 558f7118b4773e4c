export type Locale = 'en' | 'de';

/** Says a message in the page's language; `{name}` in it is replaced by the value of that name. */
export type Say<K extends string> = (key: K, values?: Readonly<Record<string, string | number>>) => string;

/**
 * Joins the catalogues of both languages. A key of the English one that the German one lacks does not compile.
 * @returns the way to say a message, by language
 */
export function catalogue<K extends string>(
  en: Readonly<Record<K, string>>,
  de: Readonly<Record<NoInfer<K>, string>>,
): (locale: Locale) => Say<K> {
  return (locale) =>
    (key, values = {}) =>
      fill((locale === 'de' ? de : en)[key], values);
}

function fill(message: string, values: Readonly<Record<string, string | number>>): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
