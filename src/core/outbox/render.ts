import type { Context } from '../../kernel/context.ts';
import { isJsonObject } from '../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../kernel/schema/types.ts';
import { mailBrand } from './brand.ts';
import { loadCatalogue } from './catalogue.ts';
import type { MailTemplate } from './catalogue.ts';
import type { Content } from './content.ts';
import { TemplateError } from './folder.ts';
import { loadEngines } from './liquid.ts';
import type { Engines, Parsed } from './liquid.ts';
import { LANGUAGES } from './template.ts';
import type { Language } from './template.ts';

export type Rendered = {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly language: Language;
};

/** What making a mail takes. */
export type RenderContext = Pick<Context, 'registry' | 'config' | 'clock' | 'db'>;

const MAX_SUBJECT = 250;

/** Texts without line breaks and other controls, at any depth: a name must not begin a new line of a mail (T21). */
function plain(value: Json): Json {
  if (typeof value === 'string') return value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  if (Array.isArray(value)) return value.map(plain);
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  return value;
}

/** The language of a template that comes nearest to what is asked for (`de_AT` is German). */
export function languageOf(template: MailTemplate, wanted: string | undefined, fallback: Language): Language {
  const short = wanted?.split(/[-_]/)[0]?.toLowerCase();
  const order = [LANGUAGES.find((known) => known === short), fallback, ...LANGUAGES];
  return order.find((language) => language !== undefined && template.texts.has(language)) ?? fallback;
}

type Fill = { readonly engine: keyof Engines; readonly template: Parsed; readonly where: string };

async function run({ engine, template, where }: Fill, scope: JsonObject): Promise<string> {
  const engines = await loadEngines();
  try {
    return String(engines[engine].renderSync(template, scope));
  } catch (error) {
    throw new TemplateError(`The mail template ${where}: ${error instanceof Error ? error.message : 'not usable'}`);
  }
}

/** What every template is given; a `lifetime` in seconds counts from now and becomes `expires`. */
async function frameOf(ctx: RenderContext, values: JsonObject, language: Language): Promise<JsonObject> {
  const { lifetime, host } = values;
  const { name, logoUrl } = await mailBrand(ctx, typeof host === 'string' ? host : '');
  const now = ctx.clock.now();
  const frame = { brand: { name, logo_url: logoUrl }, language, now: now.toISOString() };
  if (typeof lifetime !== 'number') return frame;
  return { ...frame, expires: new Date(now.getTime() + lifetime * 1000).toISOString() };
}

/** Makes a mail. @throws TemplateError when the template asks for what it does not get */
export async function renderMail(
  ctx: RenderContext,
  template: MailTemplate,
  { language: wanted, values, subject: given }: Content & { readonly language?: string | undefined },
): Promise<Rendered> {
  const { layout } = await loadCatalogue(ctx);
  const language = languageOf(template, wanted, ctx.config.mailLanguage);
  const texts = template.texts.get(language);
  if (!texts) throw new TemplateError(`The mail template ${template.name} has no texts.`);
  const scope: JsonObject = { ...(await frameOf(ctx, values, language)), ...(plain(values) as JsonObject) };
  const where = `${template.name}/${language}`;
  const subject = (given ?? (await run({ engine: 'text', template: texts.subject, where: `${where}.subject` }, scope)))
    .replace(/[\p{Cc}\s\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, MAX_SUBJECT);
  const body = await run({ engine: 'html', template: texts.html, where: `${where}.html` }, scope);
  return {
    subject,
    language,
    html: await run({ engine: 'html', template: layout, where: 'layout' }, { ...scope, subject, body }),
    text: `${(await run({ engine: 'text', template: texts.text, where: `${where}.text` }, scope)).trim()}\n`,
  };
}

/** Whether a template can be filled from these values, in each of its languages. */
export async function templateFits(ctx: RenderContext, template: MailTemplate, values: JsonObject): Promise<boolean> {
  try {
    for (const language of template.texts.keys()) await renderMail(ctx, template, { values, language });
    return true;
  } catch (error) {
    if (error instanceof TemplateError) return false;
    throw error;
  }
}
