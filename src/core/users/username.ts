// C0, DEL and C1, and what else ends a line: in a list or a log a name would look like two, or like another one (T09).
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** Whether a username has characters that nobody types and no list shows. */
export const hasControls = (username: string): boolean => CONTROLS.test(username);

/** What is said of such a username. */
export const NO_CONTROLS = 'Enter a username without control characters.';
