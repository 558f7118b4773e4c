import { Denial } from '../../../core/flows/index.ts';
import { MAX_PASSWORD_LENGTH } from '../../../kernel/crypto/passwords.ts';
import { parseEmail } from '../../../kernel/schema/email.ts';
import { isForbiddenKey } from '../../../kernel/schema/json.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';
import { attributePath, isReserved, isUsablePath } from './attributes.ts';
import type { AttributeEdit } from './attributes.ts';

/** Why a write failed is not told: the text must not say whose name or address exists. */
export const failed = (afterwards?: () => Promise<void>): Denial =>
  new Denial('Failed to update user. Please try again later.', afterwards ? { afterwards } : {});

/** What the gathered data says about a user; absent: nothing. */
export type UserChange = {
  readonly username: string | undefined;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly password: string | undefined;
  readonly locale: string | undefined;
  readonly attributes: readonly AttributeEdit[];
  /** Keys that would have set more than a person may (contract D8). */
  readonly dropped: readonly string[];
};

const MAX_USERNAME = 150;
const MAX_LOCALE = 35; // RFC 5646 §4.4.1
// Invisible characters make two names look like one (T09).
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

// What a user has beside the five texts and the attributes, by its names on the wire and in upstream's models.
const PROPERTIES: ReadonlySet<string> = new Set([
  'ak_groups',
  'avatar',
  'date_joined',
  'first_name',
  'groups',
  'groups_obj',
  'id',
  'is_active',
  'is_staff',
  'is_superuser',
  'last_login',
  'last_name',
  'last_updated',
  'password_change_date',
  'path',
  'permissions',
  'pk',
  'roles',
  'roles_obj',
  'sources',
  'type',
  'uid',
  'user_permissions',
  'uuid',
]);

function readText(data: JsonObject, key: string): string | undefined {
  const value = Object.hasOwn(data, key) ? data[key] : undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.includes('\0')) throw failed();
  return value;
}

function readUsername(data: JsonObject): string | undefined {
  const username = readText(data, 'username')?.trim().normalize('NFC');
  if (username === undefined) return undefined;
  if (username === '') throw new Denial('');
  if (username.length > MAX_USERNAME || INVISIBLE.test(username)) throw failed();
  return username;
}

function readEmail(data: JsonObject): string | undefined {
  const typed = readText(data, 'email')?.trim();
  if (typed === undefined || typed === '') return typed;
  const email = parseEmail(typed);
  if (email === undefined) throw failed();
  return email;
}

function readPassword(data: JsonObject): string | undefined {
  const password = readText(data, 'password');
  if (password !== undefined && password.length > MAX_PASSWORD_LENGTH) throw failed();
  return password === '' ? undefined : password;
}

function readLocale(data: JsonObject): string | undefined {
  const locale = readText(data, 'locale');
  if (locale !== undefined && locale.length > MAX_LOCALE) throw failed();
  return locale;
}

type Attributes = { readonly edits: AttributeEdit[]; readonly dropped: string[] };

function readAttributeObject(value: Json, into: Attributes): void {
  if (!isJsonObject(value)) throw failed();
  for (const [key, inner] of Object.entries(value)) {
    if (isReserved(key)) into.dropped.push(`attributes.${key}`);
    else if (!isForbiddenKey(key)) into.edits.push({ path: [key], value: inner });
  }
}

function readAttributes(data: JsonObject): Attributes {
  const found: Attributes = { edits: [], dropped: [] };
  for (const [key, value] of Object.entries(data)) {
    const nested = attributePath(key);
    if (key === 'attributes') readAttributeObject(value, found);
    else if (nested && isReserved(nested.rest)) found.dropped.push(key);
    else if (nested && isUsablePath(nested.path)) found.edits.push({ path: nested.path, value });
  }
  return found;
}

/**
 * What prompt data may change of a user: five texts and the attributes outside the reserved prefixes, nothing else
 * (contract D8; T11, T13).
 * @throws Denial for a value of a wrong type or form
 */
export function readChange(data: JsonObject): UserChange {
  const { edits, dropped } = readAttributes(data);
  const properties = Object.keys(data).filter((key) => PROPERTIES.has(key) || isReserved(key));
  return {
    username: readUsername(data),
    name: readText(data, 'name'),
    email: readEmail(data),
    password: readPassword(data),
    locale: readLocale(data),
    attributes: edits,
    dropped: [...properties, ...dropped],
  };
}
