import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from '../../kernel/context.ts';

const FROM_MS = 90;
const TO_MS = 210;

/** Waits a time that nobody foresees, so that how long an answer took tells nothing (A06; contract part 2, 11.4). */
export async function blurTime({ random }: Pick<Context, 'random'>): Promise<void> {
  const share = random.bytes(2).readUInt16BE() / 0xffff;
  await wait(FROM_MS + share * (TO_MS - FROM_MS));
}
