import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../kernel/schema/types.ts';
import { LANGUAGES, PARTS } from './template.ts';
import type { Language, Part, TemplateNote } from './template.ts';

/** A template that cannot be used, and where it lies. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateError';
  }
}

type Sources = Partial<Record<Part, string>>;

/** One template's files as they were found; an operator's may have some of ours only. */
export type TemplateFiles = {
  readonly name: string;
  readonly note: TemplateNote | undefined;
  readonly sources: ReadonlyMap<Language, Sources>;
};

export type FolderFiles = { readonly layout: string | undefined; readonly templates: readonly TemplateFiles[] };

const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const LAYOUT = 'layout.liquid';

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new TemplateError(`${path} cannot be read.`);
  }
}

function readNote(text: string, path: string): TemplateNote {
  try {
    const note: Json = JSON.parse(text);
    const { description, sample = {} }: JsonObject = isJsonObject(note) ? note : {};
    if (typeof description === 'string' && isJsonObject(sample)) return { description, sample };
  } catch {
    // Told below.
  }
  throw new TemplateError(`${path} must be {"description": "…", "sample": {…}}.`);
}

async function readTemplate(directory: string, name: string): Promise<TemplateFiles> {
  const notePath = join(directory, 'template.json');
  const note = await readIfThere(notePath);
  const sources = new Map<Language, Sources>();
  for (const language of LANGUAGES) {
    const found: Sources = {};
    for (const part of PARTS) {
      const text = await readIfThere(join(directory, `${language}.${part}.liquid`));
      if (text !== undefined) found[part] = text;
    }
    if (Object.keys(found).length > 0) sources.set(language, found);
  }
  return { name, note: note === undefined ? undefined : readNote(note, notePath), sources };
}

/** Reads a folder of templates. @throws TemplateError naming what cannot be read */
export async function readFolder(directory: string): Promise<FolderFiles> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => {
    throw new TemplateError(`The directory of mail templates ${directory} cannot be read.`);
  });
  const folders = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name);
  const odd = folders.find((name) => !NAME.test(name));
  if (odd !== undefined) {
    throw new TemplateError(
      `${join(directory, odd)}: a template is named by lower-case letters, digits and underscores.`,
    );
  }
  const templates = await Promise.all(folders.toSorted().map((name) => readTemplate(join(directory, name), name)));
  return { layout: await readIfThere(join(directory, LAYOUT)), templates };
}
