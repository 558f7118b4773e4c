import { setTimeout as pause } from 'node:timers/promises';
import type { Send } from '../jar.ts';

/** As a client does: who is told to come again (503 with Retry-After, on a machine that has too much to do) comes again. */
export function patient(send: Send): Send {
  return async (request) => {
    let answer = await send(request);
    for (let tries = 1; answer.status === 503 && tries < 30; tries += 1) {
      await pause(Number(answer.headers['retry-after']) * 1000);
      answer = await send(request);
    }
    return answer;
  };
}
