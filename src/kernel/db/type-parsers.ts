import type { CustomTypesConfig } from 'pg';
import { types } from 'pg';

// `@types/pg` lists only scalar types; 1009 is text[].
const TEXT_ARRAY: number = 1009;
const parseTextArray = types.getTypeParser(TEXT_ARRAY, 'text');
const asText = (value: string): string => value;

// 20 int8, 1082 date, 1114 timestamp, 1184 timestamptz, 1186 interval, 1700 numeric.
const TEXT_TYPES = new Set([20, 1082, 1114, 1184, 1186, 1700]);
// Their arrays.
const TEXT_ARRAY_TYPES = new Set([1016, 1182, 1115, 1185, 1187, 1231]);

/**
 * The parsers of one pool; `pg`'s process-wide table stays as it is. bigint, numeric, dates and intervals stay text,
 * because a JS Date loses the microseconds and a JS number the digits.
 */
export const typeParsers: CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (format === 'binary') return types.getTypeParser(oid, format);
    if (TEXT_TYPES.has(oid)) return asText;
    if (TEXT_ARRAY_TYPES.has(oid)) return parseTextArray;
    return types.getTypeParser(oid, 'text');
  },
};
