import type { Context } from './context.ts';
import type { Queryable } from './db/types.ts';
import { extensionPoint } from './feature.ts';

/** A line that `serve` prints once it listens, such as a one-time link. Secrets are printed, never logged. */
export type Announcement = { readonly label: string; readonly text: string };

/** Work of a feature at every start, after migration and before the first request. Idempotent, safe on many processes. */
export type StartStep = {
  readonly name: string;
  /** `baseUrl`: our own origin, for links. */
  run(ctx: Context, scope: { readonly baseUrl: string }): Promise<readonly Announcement[]>;
};

/** Steps run in the order of discovery. */
export const startStep = extensionPoint<StartStep>('start-step', (value) => value.name);

/** Knows with which secret key a database was set up. Asked before anything is written, migrations included. */
export type SecretKeyGuard = {
  readonly name: string;
  /**
   * The database may not be migrated yet. In: what a vault says of the key (`checkValue`); undefined where there is none.
   * @throws Error when it is another one, or missing
   */
  check(db: Queryable, own: string | undefined): Promise<void>;
};

export const secretKeyGuard = extensionPoint<SecretKeyGuard>('secret-key-guard', (value) => value.name);

const draining = new WeakSet<Context>();

/** From now on the process is not ready: it finishes what it has and wants nothing new (R08). */
export function beginDraining(ctx: Context): void {
  draining.add(ctx);
}

/** Whether the process is about to end. */
export function isDraining(ctx: Context): boolean {
  return draining.has(ctx);
}

/** What must hold before traffic may come; `check` answers what is missing, in words, or undefined. */
export type ReadinessCheck = { readonly name: string; check(ctx: Context): Promise<string | undefined> };

export const readinessCheck = extensionPoint<ReadinessCheck>('readiness-check', (value) => value.name);
