import { ApiError } from '../../../kernel/errors/api-error.ts';
import { isForbiddenKey } from '../../../kernel/schema/json.ts';
import type { HttpRequest } from '../../../kernel/http/message.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';

const TYPE = 'application/x-www-form-urlencoded';
// As `csrf`, a name that is the page's own: a prompt of that key gets no answer from a form.
const LINK_MARK = 'link-mark';

export type Form = {
  /** What the stage gets, as a JSON client would have sent it. */
  readonly reply: JsonObject;
  readonly csrf: string | undefined;
  /** Of which link's plan the page was; undefined for a form that does not say. */
  readonly mark: string | undefined;
};

/**
 * Reads a page's form (a browser without JavaScript). A field sent twice (a checkbox and its hidden companion) has its
 * last value, and lines end as a script would send them: browsers put CR LF into forms (HTML, "multipart form data").
 * @throws ApiError 415 for another media type, 400 for bytes that are no UTF-8, escaped or not, or for a NUL character
 */
export async function readForm(request: HttpRequest): Promise<Form> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== TYPE) throw new ApiError(415, { detail: `Unsupported media type "${type ?? ''}" in request.` });
  const bytes = await request.body();
  const values = new Map<string, Json>();
  let csrf: string | undefined;
  let mark: string | undefined;
  for (const [key, value] of new URLSearchParams(decode(bytes))) {
    if (key.includes('\0') || value.includes('\0'))
      throw new ApiError(400, { detail: 'Null characters are not allowed.' });
    if (key === 'csrf') csrf = value;
    else if (key === LINK_MARK) mark = value;
    else if (!isForbiddenKey(key)) values.set(key, value.replaceAll('\r\n', '\n'));
  }
  return { reply: Object.fromEntries(values), csrf, mark };
}

const LONE_PERCENT = /%(?![\da-f]{2})/gi;

function decode(bytes: Buffer): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    // What is escaped is held to the same; URLSearchParams would put U+FFFD in its place, and takes a lone % for itself.
    decodeURIComponent(text.replaceAll(LONE_PERCENT, '%25'));
    return text;
  } catch {
    throw new ApiError(400, { detail: 'The form is not UTF-8.' });
  }
}
