import { Readable } from 'node:stream';
import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { executorUrl } from '../jar.ts';
import { buildFlow, buildPromptStage, dummyStage } from './builders.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

test('T06: a form that is changed while an answer to it arrives slowly is judged as it is then', async () => {
  const stage = await buildPromptStage(app, { nickname: { type: 'text' } });
  const { slug } = await buildFlow(app, [stage, await dummyStage(app)]);
  const [field] = (await app.api('GET', `/api/v3/stages/prompt/stages/${stage}/`)).body.fields;
  const jar = app.jar();
  expect((await jar.open(slug)).body.component).toBe('ak-stage-prompt');
  async function* slowly() {
    yield '{"component":"ak-stage-prompt",';
    await app.api('PATCH', `/api/v3/stages/prompt/prompts/${field}/`, { type: 'email' });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    yield '"nickname":"no address"}';
  }
  const answer = await jar.ask('POST', executorUrl(slug), { payload: Readable.from(slowly()) });
  expect([answer.status, Object.keys(answer.body?.response_errors ?? {})]).toEqual([200, ['nickname']]);
});
