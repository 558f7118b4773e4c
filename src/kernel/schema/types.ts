/** What `JSON.parse` can return. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export type JsonObject = { readonly [key: string]: Json };

/** The way from the root of a body to a value: keys and array positions. */
export type JsonPath = readonly (string | number)[];
