import { expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
test('x', async () => {
  const app = await testApp();
  console.log(Object.keys(app));
  expect(1).toBe(1);
  await app.close();
});
