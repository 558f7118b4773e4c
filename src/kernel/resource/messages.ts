import type { Json } from '../schema/types.ts';

/** The contract's words for faults (part 1, 2.3), as Django REST Framework and Django's validators have them. */
export const messages = {
  required: 'This field is required.',
  null: 'This field may not be null.',
  blank: 'This field may not be blank.',
  notString: 'Not a valid string.',
  notBoolean: 'Must be a valid boolean.',
  notInteger: 'A valid integer is required.',
  notNumber: 'A valid number is required.',
  longNumber: 'String value too large.',
  notUuid: 'Must be a valid UUID.',
  notUuidPk: (value: string) => `“${value}” is not a valid UUID.`,
  pkType: (type: string) => `Incorrect type. Expected pk value, received ${type}.`,
  pkUnknown: (value: string) => `Invalid pk "${value}" - object does not exist.`,
  slug: 'Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.',
  pattern: 'This value does not match the required pattern.',
  email: 'Enter a valid email address.',
  url: 'Enter a valid URL.',
  timedelta: (value: string) => `${value} is not in the correct format of 'hours=3;minutes=1'.`,
  maxLength: (max: number) => `Ensure this field has no more than ${max} characters.`,
  minLength: (min: number) => `Ensure this field has at least ${min} characters.`,
  maxValue: (max: number) => `Ensure this value is less than or equal to ${max}.`,
  minValue: (min: number) => `Ensure this value is greater than or equal to ${min}.`,
  nul: 'Null characters are not allowed.',
  surrogate: 'Surrogate characters are not allowed.',
  dateTime:
    'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
  dateTimeRange: 'Datetime value out of range.',
  date: 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.',
  dictionary: 'Value must be a dictionary, and not have any duplicate keys.',
  jsonSize: (bytes: number) => `Ensure this value has no more than ${bytes} bytes.`,
  jsonDepth: (levels: number) => `Ensure this value has no more than ${levels} levels.`,
  choice: (value: string) => `"${value}" is not a valid choice.`,
  filterChoice: (value: string) => `Select a valid choice. ${value} is not one of the available choices.`,
  filterDateTime: 'Enter a valid date/time.',
  filterNumber: 'Enter a number.',
  filterUuid: 'Enter a valid UUID.',
  notList: (type: string) => `Expected a list of items but got type "${type}".`,
  emptyList: 'This list may not be empty.',
  longList: (max: number) => `Ensure this field has no more than ${max} elements.`,
  notDictionary: (type: string) => `Expected a dictionary of items but got type "${type}".`,
  notObject: (type: string) => `Invalid data. Expected a dictionary, but got ${type}.`,
  noData: 'No data provided',
  unique: 'This field must be unique.',
  uniqueTogether: (fields: readonly string[]) => `The fields ${fields.join(', ')} must make a unique set.`,
  inUse: 'The object is still in use.',
  changedMeanwhile: 'The object could not be saved, because another one changed at the same time.',
} as const;

/** What Python calls the type of a JSON value; the wire's texts say so. */
export function typeName(value: Json): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return typeof value === 'string' ? 'str' : 'dict';
}

/** A value inside a text, as a client sent it: a string as it is, anything else as compact JSON. */
export function asSent(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
