import type { Queryable, Transaction } from '../db/types.ts';
import { extensionPoint } from '../feature.ts';

/** A table whose rows are in no backup: what they stand for must not come back. */
export type EphemeralTable = { readonly table: string; readonly why: string };

export const ephemeralTable = extensionPoint<EphemeralTable>('ephemeral-table', (value) => value.table);

/** Says in words why nothing may be restored into this database, or undefined. */
export type RestoreGuard = { readonly name: string; check(db: Queryable): Promise<string | undefined> };

export const restoreGuard = extensionPoint<RestoreGuard>('restore-guard', (value) => value.name);

export type RestoreScope = {
  readonly tx: Transaction;
  /** When the backup was made. */
  readonly made: string;
  /** Whether the operator says that nothing happened since the backup. */
  readonly keepInvitations: boolean;
};

/** Work in the transaction of a restore, after the rows are back. Out: what the operator should know, or undefined. */
export type AfterRestore = { readonly name: string; run(scope: RestoreScope): Promise<string | undefined> };

export const afterRestore = extensionPoint<AfterRestore>('after-restore', (value) => value.name);
