/** What `JSON.parse` can return. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

export type JsonObject = { readonly [key: string]: Json };

/** The way from the root of a body to a value: keys and array positions. */
export type JsonPath = readonly (string | number)[];

/** Whether a value is a JSON object: neither `null` nor an array. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
