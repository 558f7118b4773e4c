const OWN_PATH = /^\/(?![/\\])[^\s\\<>"]*$/;
const EMBEDDED = /^data:image\/[a-z\d.+-]+[;,][^\s<>"]*$/i;
const THEME = '%(theme)s';

/** Whether the pages' content security policy lets a picture load: from this server, or in the address itself. */
export function isOwnPicture(text: string): boolean {
  return OWN_PATH.test(text) || EMBEDDED.test(text);
}

/** A picture's address for both themes, where it names the theme. */
export function themedUrls(url: string): { light: string; dark: string } | null {
  if (!url.includes(THEME)) return null;
  return { light: url.replaceAll(THEME, 'light'), dark: url.replaceAll(THEME, 'dark') };
}
