import { describe, expect, test } from 'vitest';
import { textKind } from './text.ts';

describe('a text whose edges are trimmed', () => {
  test('loses every space of the wire at both ends and none inside', () => {
    const spaces = '\t\n\r\x1c\x20\x85\xa0\u1680\u2009\u2028\u202f\u3000';
    expect(textKind({}).check(`${spaces}a${spaces}b${spaces}`)).toEqual({ value: `a${spaces}b` });
    expect(textKind({ blank: true }).check(spaces)).toEqual({ value: '' });
    expect(textKind({}).check('\ufeffa\ufeff')).toEqual({ value: '\ufeffa\ufeff' });
  });

  test('of a body full of spaces is judged at once (A41)', () => {
    const started = performance.now();
    const checked = textKind({ maxLength: 150 }).check(`a${' '.repeat(1_000_000)}a`);
    expect(checked).toMatchObject({ faults: [{ code: 'max_length' }] });
    expect(performance.now() - started).toBeLessThan(2_000);
  }, 5_000);
});
