/** Bytes of a request body; more is a 413 (contract D16). */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Levels of objects and arrays in a request body. */
export const MAX_BODY_DEPTH = 100;

/** Bytes of one stored JSON value such as `fixed_data`, as compact JSON in UTF-8 (contract D16). */
export const MAX_STORED_JSON_BYTES = 64 * 1024;

/** Levels of objects and arrays in one stored JSON value (contract D16). */
export const MAX_STORED_JSON_DEPTH = 32;
