/** What `JSON.parse` can return. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

export type JsonObject = { readonly [key: string]: Json };

/** JSON that is text already, as the database made it: it goes into an answer without being read. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** JSON as text, whichever it is. */
export function jsonText(value: Json | JsonText): string {
  return value instanceof JsonText ? value.text : JSON.stringify(value);
}

/** The way from the root of a body to a value: keys and array positions. */
export type JsonPath = readonly (string | number)[];

/** Whether a value is a JSON object: neither `null` nor an array. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The texts in a list; none of what is no list. */
export const textsOf = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
