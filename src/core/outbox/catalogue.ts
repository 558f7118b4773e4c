import { fileURLToPath } from 'node:url';
import type { Context } from '../../kernel/context.ts';
import { readFolder, TemplateError } from './folder.ts';
import type { FolderFiles } from './folder.ts';
import { loadEngines } from './liquid.ts';
import type { Engines, Parsed } from './liquid.ts';
import { LANGUAGES, mailFolder, PARTS } from './template.ts';
import type { Language, Part, TemplateNote } from './template.ts';

export type Texts = Readonly<Record<Part, Parsed>>;

export type MailTemplate = TemplateNote & {
  readonly name: string;
  readonly texts: ReadonlyMap<Language, Texts>;
};

/** Every template there is, the operator's over ours. */
export type Catalogue = { readonly layout: Parsed; readonly templates: ReadonlyMap<string, MailTemplate> };

type Source = { readonly source: string; readonly engine: keyof Engines; readonly where: string };

function parse(engines: Engines, { source, engine, where }: Source): Parsed {
  try {
    return engines[engine].parse(source);
  } catch (error) {
    throw new TemplateError(`The mail template ${where}: ${error instanceof Error ? error.message : 'not readable'}`);
  }
}

type Draft = { note: TemplateNote | undefined; sources: Map<Language, Partial<Record<Part, string>>> };

/** Lays the files of later folders over those of earlier ones. */
function overlay(folders: readonly FolderFiles[]): Map<string, Draft> {
  const drafts = new Map<string, Draft>();
  for (const { templates } of folders) {
    for (const { name, note, sources } of templates) {
      const draft = drafts.get(name) ?? { note: undefined, sources: new Map() };
      draft.note = note ?? draft.note;
      for (const [language, parts] of sources) {
        draft.sources.set(language, { ...draft.sources.get(language), ...parts });
      }
      drafts.set(name, draft);
    }
  }
  return drafts;
}

function parseTexts(engines: Engines, sources: Partial<Record<Part, string>>, where: string): Texts {
  const texts = PARTS.map((part) => {
    const source = sources[part];
    if (source === undefined) throw new TemplateError(`The mail template ${where} lacks its ${part}.`);
    return [
      part,
      parse(engines, { source, engine: part === 'html' ? 'html' : 'text', where: `${where}.${part}` }),
    ] as const;
  });
  return Object.fromEntries(texts) as Texts;
}

function finish(engines: Engines, name: string, { note, sources }: Draft): MailTemplate {
  if (sources.size === 0) throw new TemplateError(`The mail template ${name} has no texts.`);
  const texts = LANGUAGES.flatMap((language) => {
    const own = sources.get(language);
    return own ? [[language, parseTexts(engines, own, `${name}/${language}`)] as const] : [];
  });
  return { name, description: note?.description ?? name, sample: note?.sample ?? {}, texts: new Map(texts) };
}

async function load({ registry, config }: Pick<Context, 'registry' | 'config'>): Promise<Catalogue> {
  const ours = registry.all(mailFolder).map(({ url }) => fileURLToPath(url));
  const directories = config.mailTemplates === undefined ? ours : [...ours, config.mailTemplates];
  const folders = await Promise.all(directories.map(readFolder));
  const layout = folders.map((folder) => folder.layout).findLast((text) => text !== undefined);
  if (layout === undefined) throw new TemplateError('There is no layout of mails.');
  const engines = await loadEngines();
  const templates = [...overlay(folders)].map(([name, draft]) => [name, finish(engines, name, draft)] as const);
  return {
    layout: parse(engines, { source: layout, engine: 'html', where: 'layout' }),
    templates: new Map(templates.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

const loaded = new WeakMap<Context['config'], Promise<Catalogue>>();

/** The templates of this process, read once. @throws TemplateError for one that cannot be used */
export function loadCatalogue(ctx: Pick<Context, 'registry' | 'config'>): Promise<Catalogue> {
  const present = loaded.get(ctx.config);
  if (present) return present;
  const loading = load(ctx);
  loaded.set(ctx.config, loading);
  return loading;
}

// Published clients that know the schema's defaults send these names for ours.
const WIRE = /^(?:email\/)?([a-z][a-z0-9_]{0,63})(?:\.html)?$/;

/** The template that a name on the wire means (`email/invitation.html`, `invitation`), from the list only (T21). */
export async function findTemplate(
  ctx: Pick<Context, 'registry' | 'config'>,
  name: string,
): Promise<MailTemplate | undefined> {
  const [, own = ''] = WIRE.exec(name) ?? [];
  return (await loadCatalogue(ctx)).templates.get(own);
}
