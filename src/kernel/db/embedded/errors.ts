/** The built-in database cannot be used; the message says why and what to do. */
export class EmbeddedDatabaseError extends Error {
  override readonly name: string = 'EmbeddedDatabaseError';
}

/** Another Vestibule has this data directory open (R04). */
export class DataDirectoryInUse extends EmbeddedDatabaseError {
  override readonly name = 'DataDirectoryInUse';
  /** The process that has it, where it is known. */
  readonly ownerPid: number | undefined;

  constructor(dataDir: string, ownerPid: number | undefined) {
    const owner = ownerPid === undefined ? 'another process' : `process ${ownerPid}`;
    super(
      `The data directory ${dataDir} is in use by another Vestibule (${owner}). Stop that one first, ` +
        'or give this one its own VESTIBULE_DATA_DIR; to run several, set VESTIBULE_DATABASE_URL.',
    );
    this.ownerPid = ownerPid;
  }
}

/** What to do where the built-in database cannot run; the end of several messages. */
export const USE_EXTERNAL = 'Set VESTIBULE_DATABASE_URL to a PostgreSQL server (14 or newer) instead.';
