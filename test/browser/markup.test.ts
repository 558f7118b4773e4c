import { expect, test } from 'vitest';
import { buildFlow, buildPromptStage, buildStage } from '../../src/features/stages/prompt/builders.ts';
import { browserTests, fill, look, submit } from './chromium-world.ts';

const MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script></script>&lt;b&gt;"\'';

browserTests('markup is shown as text, in Chromium (T23)', (world) => {
  test('in titles, labels, placeholders, explanations, choices, initial values and static texts (T23, A13)', async () => {
    const { app } = world;
    const everywhere = { label: MARKUP, placeholder: MARKUP, initial_value: MARKUP, sub_text: MARKUP };
    const types = ['text', 'text_area', 'dropdown', 'radio-button-group', 'checkbox', 'hidden', 'static', 'separator'];
    const alerts = ['alert_info', 'alert_warning', 'alert_danger', 'text_read_only', 'text_area_read_only'];
    const prompts = [...types, ...alerts].map((type) => [`field_${type}`, { ...everywhere, type }]);
    const stage = await buildPromptStage(app, Object.fromEntries(prompts));
    const slug = await buildFlow(app, [stage], { title: MARKUP });
    for (const javaScriptEnabled of [true, false]) {
      await world.visit({ javaScriptEnabled }, async ({ page }) => {
        await page.goto(`/if/flow/${slug}/?next=${encodeURIComponent(MARKUP)}`);
        expect(await page.locator('h1').innerText()).toBe(MARKUP);
        expect(await page.locator('img, b, script:not([nonce])').count()).toBe(0);
        expect(await page.locator('.help').first().innerText()).toBe(MARKUP);
        expect(await page.locator('[name=field_text]').inputValue()).toBe(MARKUP);
        if (javaScriptEnabled) await look(page, 'markup-prompt');
      });
    }
  });

  test('in names of people, of stages, in denials and in errors that repeat what was typed (T23)', async () => {
    const { app } = world;
    const { status } = await app.api('POST', '/api/v3/core/users/', { username: MARKUP, name: MARKUP, path: 'users' });
    expect(status).toBe(201);
    const stages = await Promise.all([
      buildStage(app, '/stages/identification/', { user_fields: ['username'] }),
      buildStage(app, '/stages/dummy/', { name: MARKUP }),
      buildStage(app, '/stages/password/', { backends: ['authentik.core.auth.InbuiltBackend'] }),
    ]);
    const slug = await buildFlow(app, stages, { designation: 'authentication', title: 'Hello %(user)s' });
    const denied = await buildFlow(app, [await buildStage(app, '/stages/deny/', { deny_message: MARKUP })]);
    for (const javaScriptEnabled of [true, false]) {
      await world.visit({ javaScriptEnabled }, async ({ page }) => {
        await page.goto(`/if/flow/${slug}/`);
        await fill(page, { uid_field: MARKUP });
        await submit(page);
        await page.locator('p.lead', { hasText: MARKUP }).waitFor();
        expect(await page.locator('h1').innerText()).toBe(`Hello ${MARKUP}`);
        await submit(page);
        await page.locator('.person-name', { hasText: MARKUP }).waitFor();
        expect(await page.locator('img, b, script:not([nonce])').count()).toBe(0);
        await page.goto(`/if/flow/${denied}/`);
        await page.locator('.notice', { hasText: MARKUP }).waitFor();
        expect(await page.locator('img, b, script:not([nonce])').count()).toBe(0);
      });
    }
  });
});
