import { expect, test } from 'vitest';
import { takePicture } from './picture.ts';

const NO_FRAME = 'page.screenshot: Protocol error (Page.captureScreenshot): Unable to capture screenshot';

/** A page whose first pictures fail with these words. */
function pageThatFails(...words: string[]) {
  let asked = 0;
  return {
    asked: () => asked,
    screenshot: async () => {
      const message = words[asked];
      asked += 1;
      if (message !== undefined) throw new Error(message);
      return Buffer.alloc(0);
    },
  };
}

test('a picture for which the browser has no frame is asked for again', async () => {
  const page = pageThatFails(NO_FRAME, NO_FRAME);
  await takePicture(page, 'nowhere.png');
  expect(page.asked()).toBe(3);
});

test('a picture that never comes is a failure, and so is any other error at once', async () => {
  const never = pageThatFails(NO_FRAME, NO_FRAME, NO_FRAME, NO_FRAME);
  await expect(takePicture(never, 'nowhere.png')).rejects.toThrow(NO_FRAME);
  expect(never.asked()).toBe(3);
  const closed = pageThatFails('page.screenshot: Target page, context or browser has been closed');
  await expect(takePicture(closed, 'nowhere.png')).rejects.toThrow('closed');
  expect(closed.asked()).toBe(1);
});
