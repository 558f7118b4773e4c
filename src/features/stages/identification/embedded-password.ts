import { stage } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import type { Settings } from './settings.ts';
import { findEmbedded, findStageType } from './store.ts';

/** The type that a stage must have to lend its password field. */
export const PASSWORD_TYPE = 'password';
const INBUILT = 'authentik.core.auth.InbuiltBackend';

export type EmbeddedPassword = {
  readonly allowShowPassword: boolean;
  readonly failedAttemptsBeforeCancel: number;
  /** Whether passwords stored here count. */
  readonly inbuilt: boolean;
};

/**
 * The password field that a password stage lends to this one; undefined when there is none.
 * @throws Error when the reference points at something else: without its password the stage must not let anybody pass
 */
export async function findEmbeddedPassword({
  ctx,
  settings,
}: StageRequest<Settings>): Promise<EmbeddedPassword | undefined> {
  const uuid = settings.passwordStage;
  if (uuid === undefined) return undefined;
  const type = await findStageType(ctx.db, uuid);
  const definition = type === PASSWORD_TYPE ? ctx.registry.find(stage, PASSWORD_TYPE) : undefined;
  const found = definition && (await findEmbedded(ctx.db, definition.table, uuid));
  if (!found) throw new Error('The embedded password stage cannot be used.');
  return readEmbedded(found);
}

// A row of another shape than expected asks for everything and lets nothing through.
function readEmbedded(row: JsonObject): EmbeddedPassword {
  const attempts = row['failed_attempts_before_cancel'];
  const backends = row['backends'];
  return {
    allowShowPassword: row['allow_show_password'] === true,
    failedAttemptsBeforeCancel: typeof attempts === 'number' ? attempts : 0,
    inbuilt: Array.isArray(backends) && backends.includes(INBUILT),
  };
}
