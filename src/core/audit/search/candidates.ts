import type { Candidates } from '../../../kernel/resource/candidates.ts';
import { askedPositions } from './pieces.ts';
import { PART_BLOCKS, blocksWithAll } from './signature.ts';
import { findState, keysSql, listSlices } from './store.ts';

/** Of a larger share of the blocks it is cheaper to read the whole log. */
const MOST = 0.4;

/** Of a larger share it is cheaper to read what filters leave. */
const MOST_FILTERED = 0.002;

/**
 * Where a search of the log has to look (decision 0081); undefined where it has to read all of it: while the index is
 * being made, for words of one or two letters only, and for what is in much of the log.
 *
 * The state is read first. What is taken in after that is read whole, so the condition holds for any later statement.
 */
export const eventCandidates: Candidates = async (db, { words, key, parameters, filtered }) => {
  const state = await findState(db, words);
  if (!state || !state.whole || state.blocks === 0) return undefined;
  const positions = askedPositions(state.words);
  if (positions.length === 0) return undefined;
  const blocks = (await listSlices(db, positions)).flatMap((slices) => blocksWithAll(slices));
  if (blocks.length > (filtered ? MOST_FILTERED : MOST) * state.blocks) return undefined;
  const places = {
    blocks: parameters.add(blocks, 'bigint[]'),
    after: parameters.add((state.segments + 1) * PART_BLOCKS, 'bigint'),
  };
  // An array that is made first: the planner would take a join with it for one of few rows.
  return `${key} = any(array(${keysSql(places)}))`;
};
