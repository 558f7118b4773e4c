import type { Diagnosis } from '../../kernel/doctor/point.ts';
import type { SecretKeyGuard, StartStep } from '../../kernel/lifecycle.ts';
import { claimSetting, findSetting } from './store.ts';

const KEY = 'secret_key_check';

const OTHER_KEY =
  'VESTIBULE_SECRET_KEY (or secret.key in the data directory) is not the key that this database was set up with. ' +
  'Every process on one database needs the same key.';

/**
 * Refuses to start with another secret key than the database was set up with: sessions, tokens and sealed values of one
 * key are worthless under another, and two processes that disagree would each throw the other's visitors out.
 */
export const checkSecretKey: StartStep = {
  name: 'secret-key',
  async run({ db, vault }) {
    const own = vault.checkValue();
    if (await claimSetting(db, KEY, own)) return [];
    const known = await findSetting(db, KEY);
    if (known === own) return [];
    throw new Error(OTHER_KEY);
  },
};

const NO_KEY =
  'The secret key of this database is missing: set VESTIBULE_SECRET_KEY, or put secret.key back into the data directory. ' +
  'A new one fits a new database only.';

/** Refuses another secret key than that of the database, or none where it has one. */
export const guardSecretKey: SecretKeyGuard = {
  name: 'secret-key',
  async check(db, own) {
    const [row] = await db.query<{ present: boolean }>(`select to_regclass('setting') is not null as present`);
    const known = row?.present ? await findSetting(db, KEY) : undefined;
    if (known === undefined || known === own) return;
    throw new Error(own === undefined ? NO_KEY : OTHER_KEY);
  },
};

/** The secret key: the next start refuses another one. */
export const examineSecretKey: Diagnosis = {
  name: 'secret-key',
  async examine({ db, keyCheck }) {
    const known = await findSetting(db, KEY);
    return keyCheck === undefined || known === undefined || known === keyCheck ? [] : [OTHER_KEY];
  },
};
