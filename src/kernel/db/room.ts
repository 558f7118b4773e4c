/** What is known of the room on the database's disk. */
export type Room = {
  /** Whether so little is left that nothing more should be written (R07). */
  isLow(): boolean;
};
