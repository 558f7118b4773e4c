import type { Queryable } from '../../kernel/db/types.ts';
import { extensionPoint } from '../../kernel/feature.ts';

/** Tells which values somebody who runs a flow may type freely. */
export type OpenFields = {
  readonly name: string;
  /** Their keys in the prompt data, such as `email` or `attributes.department`; no secrets. */
  list(db: Queryable, flow: string): Promise<readonly string[]>;
};

export const openFields = extensionPoint<OpenFields>('open-fields', (value) => value.name);
