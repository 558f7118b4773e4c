import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJson } from './json-reader.ts';
import { survivesDouble } from './json-number.ts';
import { JsonError, parseJson } from './json.ts';
import type { JsonProblem } from './json.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const problems = (text: string): readonly JsonProblem[] => parseJson(bytes(text)).problems;
const kinds = (text: string): string[] => problems(text).map(({ kind, path }) => `${kind} ${JSON.stringify(path)}`);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('good bodies', () => {
  test('any JSON value is read as JSON.parse reads it, quickly and thoroughly alike (P3, P5, P6)', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const expected: unknown = JSON.parse(text);
        const result = readJson(text);
        expect(parseJson(bytes(text))).toEqual(result);
        fc.pre(result.problems.length === 0);
        expect(result.value).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('JSON with blanks and escapes is read as JSON.parse reads it', () => {
    const text = ' {\n"a\\u0062\\n\\/\\"" :\t[ 1 , -0, 2.50e+1, true,false , null, "\\ud83d\\ude00é" ] , "":{} } ';
    expect(parseJson(bytes(text))).toEqual({ value: JSON.parse(text), problems: [] });
  });

  test('of equal keys the last wins', () => {
    expect(parseJson(bytes('{"a":1,"a":2}')).value).toEqual({ a: 2 });
    expect(readJson('{"a":1,"a":2}').value).toEqual({ a: 2 });
  });

  test('every double that JavaScript writes passes (P6)', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseJson(bytes(JSON.stringify({ value })))).toEqual({ value: { value: value + 0 || 0 }, problems: [] });
      }),
      { numRuns: 500 },
    );
  });
});

describe('bodies that are no JSON', () => {
  test('text that JSON.parse refuses is refused, with the prefix of the contract (1.4)', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', ',', '}', ']', '"', '\\', '0', '\u0000', 'x'),
        (json, at, char) => {
          const cut = at % (json.length + 1);
          const text = json.slice(0, cut) + char + json.slice(cut + 1);
          fc.pre(!isJson(text));
          expect(() => parseJson(bytes(text))).toThrow(/^JSON parse error - .+: line \d+ column \d+ \(char \d+\)$/);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['', 'Expecting value: line 1 column 1 (char 0)'],
    ['{', 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'],
    ['{"a"\n1}', "Expecting ':' delimiter: line 2 column 1 (char 5)"],
    ['[1 2]', "Expecting ',' delimiter: line 1 column 4 (char 3)"],
    ['[1,]', 'Expecting value: line 1 column 4 (char 3)'],
    ['{"a":1,}', 'Expecting property name enclosed in double quotes: line 1 column 8 (char 7)'],
    ['1 2', 'Extra data: line 1 column 3 (char 2)'],
    ['01', 'Extra data: line 1 column 2 (char 1)'],
    ['NaN', 'Expecting value: line 1 column 1 (char 0)'],
    ['"a', 'Unterminated string starting at: line 1 column 1 (char 0)'],
    ['"\\x"', 'Invalid \\escape: line 1 column 3 (char 2)'],
    ['"\t"', 'Invalid control character at: line 1 column 2 (char 1)'],
    ['\ufeff{}', 'Expecting value: line 1 column 1 (char 0)'],
  ])('%j is refused in the words of the reference parser', (text, message) => {
    expect(() => parseJson(bytes(text))).toThrow(`JSON parse error - ${message}`);
  });

  test.each([[[0xff]], [[0x22, 0xc3, 0x22]], [[0x22, 0xed, 0xa0, 0x80, 0x22]], [[0x22, 0xc0, 0x80, 0x22]]])(
    'the bytes %j are refused as bad UTF-8 (P3)',
    (raw) => {
      const error = (() => {
        try {
          return parseJson(Uint8Array.from(raw));
        } catch (caught) {
          return caught;
        }
      })();
      expect(error).toBeInstanceOf(JsonError);
      expect(error).toMatchObject({ kind: 'utf8', message: expect.stringMatching(/^JSON parse error - /) });
    },
  );

  test('an error quotes nothing of the body', () => {
    expect(() => parseJson(bytes('{"password":"hunter2" oops}'))).toThrow(/^(?!.*hunter2)/);
  });
});

describe('what the contract refuses (D16)', () => {
  test.each([
    ['{"name":"a\\u0000b"}', ['nul ["name"]']],
    ['{"a\\u0000":1}', ['nul ["a\\u0000"]']],
    ['{"f":{"x":[1,"\\u0000"]},"name":"\\u0000"}', ['nul ["f","x",1]', 'nul ["name"]']],
    ['{"f":"\\ud800"}', ['surrogate ["f"]']],
    ['{"f":"\\ude00\\ud83d"}', ['surrogate ["f"]']],
    ['{"n":9007199254740993}', ['number ["n"]']],
    ['{"n":[1,-9007199254740993]}', ['number ["n",1]']],
    ['1e400', ['number []']],
    ['[-1E999]', ['number [0]']],
    ['{"a":{"constructor":1}}', ['key ["a","constructor"]']],
    ['{"prototype":"\\u0000"}', ['key ["prototype"]', 'nul ["prototype"]']],
  ])('%s is parsed and its bad places are named (P6, P7)', (text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });

  test.each(['__proto__', 'constructor', 'prototype'])(
    'the key %s is found however it is spelled, and left out (P5)',
    (key) => {
      const escaped = Array.from(key, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
      for (const spelling of [key, escaped, escaped.slice(0, 6) + key.slice(1)]) {
        const result = parseJson(bytes(`{"deep":[{"${spelling}":{"polluted":true},"kept":1}]}`));
        expect(result.problems).toMatchObject([{ kind: 'key', path: ['deep', 0, key] }]);
        expect(result.value).toEqual({ deep: [{ kept: 1 }] });
        expect(Object.getPrototypeOf({})).not.toHaveProperty('polluted');
      }
    },
  );

  test('100 levels pass and 101 do not, in objects and in arrays (P4)', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      expect(problems(open.repeat(100) + '1' + close.repeat(100))).toEqual([]);
      const deep = problems(open.repeat(101) + '1' + close.repeat(101));
      expect(deep).toMatchObject([{ kind: 'depth' }]);
      expect(deep[0]?.path).toHaveLength(100);
    }
  });

  test('half a megabyte of brackets is answered, not a stack overflow', () => {
    const levels = 250_000;
    const result = parseJson(bytes(`{"f":${'['.repeat(levels)}"]\\"["${']'.repeat(levels)},"g":1}`));
    expect(result.problems).toMatchObject([{ kind: 'depth' }]);
    expect(result.value).toMatchObject({ g: 1 });
    expect(() => parseJson(bytes('['.repeat(levels)))).toThrow(JsonError);
  });

  test('a body full of problems reports a hundred', () => {
    expect(problems(`[${'1e400,'.repeat(5000)}1]`)).toHaveLength(100);
  });
});

describe('numbers (P6)', () => {
  test.each([
    '0',
    '-0',
    '0.0',
    '1',
    '1.0',
    '1e2',
    '1E+2',
    '0.1',
    '0.10000000000000001',
    '123456789.12345678',
    '1e300',
    '9007199254740991',
    '9007199254740992',
    '100000000000000000000000',
    '5e-324',
    '0.30000000000000004',
    '0e999',
    '1.50',
  ])('%s survives a double', (text) => {
    expect(survivesDouble(text)).toBe(true);
    expect(problems(text)).toEqual([]);
  });

  test.each([
    '9007199254740993',
    '1e400',
    '-1e400',
    '12345678901234567890',
    '1e-400',
    '3e-324',
    '0.1234567890123456789',
    '123456789.123456789',
    '1.7976931348623159e308',
    '9007199254740993.0',
    '9007199254740993e0',
    '900719925474099.3e1',
  ])('%s does not survive a double', (text) => {
    expect(survivesDouble(text)).toBe(false);
    expect(problems(text)).toMatchObject([{ kind: 'number' }]);
  });

  test('an integer passes only if JavaScript writes the same integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 69n), max: 2n ** 69n }), (integer) => {
        const written = String(Number(integer));
        expect(problems(String(integer)).length === 0).toBe(BigInt(written) === integer);
      }),
      { numRuns: 1000 },
    );
  });

  test('a number of a megabyte of digits takes no more than a second', () => {
    const start = performance.now();
    expect(survivesDouble(`1${'0'.repeat(500_000)}1${'0'.repeat(500_000)}`)).toBe(false);
    expect(survivesDouble(`0.${'0'.repeat(500_000)}1${'0'.repeat(400_000)}1`)).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
