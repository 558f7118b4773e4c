import type { Context } from '../../kernel/context.ts';
import type { StartStep } from '../../kernel/lifecycle.ts';
import { loadCatalogue } from './catalogue.ts';
import { renderMail } from './render.ts';
import { sampleValues } from './sample.ts';

/**
 * Renders every template once, so that one of the operator's that cannot be used stops the start instead of a mail. Ours
 * are known to work.
 */
async function checkTemplates(ctx: Context): Promise<void> {
  if (ctx.config.mailTemplates === undefined) return;
  const { templates } = await loadCatalogue(ctx);
  for (const template of templates.values()) {
    for (const language of template.texts.keys()) {
      await renderMail(ctx, template, { values: await sampleValues(ctx, template), language });
    }
  }
}

/** @throws TemplateError naming the template, its language and what is wrong */
export const checkMailTemplates: StartStep = {
  name: 'mail-templates',
  async run(ctx) {
    await checkTemplates(ctx);
    return [];
  },
};
