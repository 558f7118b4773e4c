// What the server hands to the pages, by the names the pages use.
export type * from '../../core/flows/page/schema.ts';
