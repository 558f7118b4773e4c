import type { Answer, Jar } from '../jar.ts';
import { PASSWORD } from './builders.ts';

/** The address of a flow's page. */
export const pageOf = (slug: string, query = ''): string => `/if/flow/${slug}/${query && `?${query}`}`;

/** What a form sends, as a browser without JavaScript finds it in the page. */
export function formOf(answer: Answer): { action: string; names: string[]; hidden: Record<string, string> } {
  const form = /<form[^>]*>[\s\S]*?<\/form>/.exec(answer.text)?.[0] ?? '';
  const inputs = [...form.matchAll(/<input[^>]*>/g)].map(([input]) => ({
    name: /name="([^"]*)"/.exec(input)?.[1] ?? '',
    value: (/value="([^"]*)"/.exec(input)?.[1] ?? '').replaceAll('&amp;', '&'),
    hidden: input.includes('type="hidden"'),
  }));
  const hidden = inputs.filter((input) => input.hidden).map(({ name, value }) => [name, value]);
  return {
    action: /action="([^"]*)"/.exec(form)?.[1]?.replaceAll('&amp;', '&') ?? '',
    names: inputs.filter((input) => !input.hidden).map(({ name }) => name),
    hidden: Object.fromEntries(hidden),
  };
}

/** Fills the page's own form and sends it where the form says. */
export function submit(jar: Jar, page: Answer, fields: Record<string, string>): Promise<Answer> {
  const { action, hidden } = formOf(page);
  return jar.form(action, { ...hidden, ...fields });
}

/** The values of the buttons that a page has. */
export const buttonsOf = (page: Answer): string[] =>
  [...page.text.matchAll(/<button[^>]*name="action"[^>]*>/g)].map(
    ([button]) => /value="([^"]*)"/.exec(button)?.[1] ?? '',
  );

/** Presses a button of a first page; fails when there is none. */
export function press(jar: Jar, page: Answer, action: string): Promise<Answer> {
  if (!buttonsOf(page).includes(action)) throw new Error(`The page has no button ${action}: ${page.text}`);
  return submit(jar, page, { action });
}

/** Opens a link and presses the button. */
export async function accept(jar: Jar, url: string): Promise<Answer> {
  return press(jar, await jar.get(url), 'start');
}

/** What somebody types into the form for username and password. */
export const typedCredentials = (username: string) => ({ username, password: PASSWORD, password_repeat: PASSWORD });

/** The heading of a page. */
export const headingOf = (page: Answer): string => /<h1[^>]*>([^<]*)</.exec(page.text)?.[1] ?? '';
