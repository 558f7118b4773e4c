import { ownOrigin } from '../../kernel/config/own-origin.ts';
import type { Context } from '../../kernel/context.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import { loadCatalogue } from './catalogue.ts';
import type { MailTemplate } from './catalogue.ts';

const WEEK_MS = 7 * 86_400_000;

/** Values to show a template with: its own sample, and what any of ours is given, for templates that an operator adds. */
export async function sampleValues(
  ctx: Pick<Context, 'registry' | 'config' | 'clock'>,
  template: MailTemplate,
): Promise<JsonObject> {
  const { templates } = await loadCatalogue(ctx);
  const all = Object.assign({}, ...[...templates.values()].map(({ sample }) => sample)) as JsonObject;
  const base = ownOrigin(ctx.config) ?? 'http://localhost:9000';
  const expires = new Date(ctx.clock.now().getTime() + WEEK_MS).toISOString();
  return { ...all, host: new URL(base).host, url: `${base}/if/flow/sample/`, expires, ...template.sample };
}
