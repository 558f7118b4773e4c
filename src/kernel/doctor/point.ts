import type { Config } from '../config/config.ts';
import type { Queryable } from '../db/types.ts';
import { extensionPoint } from '../feature.ts';

/** What is wrong, in words, with what to do about it. */
export type Finding = string;

export type Examination = {
  readonly config: Config;
  readonly db: Queryable;
  /** The fingerprint of the secret key (`Vault.checkValue`); undefined where there is no key. */
  readonly keyCheck?: string | undefined;
};

/** Looks at a part of a migrated installation and changes nothing. */
export type Diagnosis = { readonly name: string; examine(given: Examination): Promise<readonly Finding[]> };

export const diagnosis = extensionPoint<Diagnosis>('diagnosis', (value) => value.name);
