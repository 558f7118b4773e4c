import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTimestamp, parseDate, parseTimestamp } from './datetime.ts';

describe('timestamps in (contract 1.5, P2)', () => {
  test.each([
    ['2030-01-01T00:00:00Z', '2030-01-01T00:00:00Z'],
    ['2030-01-01T00:00', '2030-01-01T00:00:00Z'],
    ['2030-01-01 00:00:00', '2030-01-01T00:00:00Z'],
    ['2030-01-01T00:00:00.5Z', '2030-01-01T00:00:00.500000Z'],
    ['2030-01-01T00:00:00.000000Z', '2030-01-01T00:00:00Z'],
    ['2030-01-01T00:00:00.123456+02:00', '2029-12-31T22:00:00.123456Z'],
    ['2030-01-01T00:00:00.123456789Z', '2030-01-01T00:00:00.123456Z'],
    ['2029-12-31T23:59-00:30', '2030-01-01T00:29:00Z'],
    ['2028-02-29T12:00:00Z', '2028-02-29T12:00:00Z'],
    ['2000-02-29T12:00:00Z', '2000-02-29T12:00:00Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['0099-06-01T00:00:00Z', '0099-06-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
    ['9999-12-31T23:59:59+23:59', '9999-12-31T00:00:59Z'],
  ])('%s becomes %s', (text, value) => {
    expect(parseTimestamp(text)).toEqual({ value });
  });

  test.each([
    '',
    '2030-01-01',
    '2030',
    'now',
    '2030-1-1T00:00:00Z',
    '2030-02-30T00:00:00Z',
    '2029-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2030-04-31T00:00:00Z',
    '2030-00-10T00:00:00Z',
    '2030-13-01T00:00:00Z',
    '2030-01-00T00:00:00Z',
    '2030-01-01T24:00:00Z',
    '2030-01-01T00:60:00Z',
    '2030-06-30T23:59:60Z',
    '2030-01-01T00:00:00.Z',
    '2030-01-01T00:00:00,5Z',
    '2030-01-01T00:00:00+24:00',
    '2030-01-01T00:00:00+00:60',
    '2030-01-01T00:00:00+0100',
    '2030-01-01T00:00:00+01',
    '2030-01-01t00:00:00z',
    ' 2030-01-01T00:00:00Z',
    '2030-01-01T00:00:00Z ',
    '2030-01-01T00:00:00Z\n',
    '0000-01-01T00:00:00Z',
    '12030-01-01T00:00:00Z',
    '-2030-01-01T00:00:00Z',
    '２030-01-01T00:00:00Z',
    '2030-01-01T00Z',
  ])('%j is no timestamp', (text) => {
    expect(parseTimestamp(text)).toEqual({ fault: 'format' });
  });

  test.each(['0001-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01'])('%s is out of range once in UTC', (text) => {
    expect(parseTimestamp(text)).toEqual({ fault: 'range' });
  });

  test('any instant given with any offset is the same instant, to the microsecond', () => {
    const instants = fc.date({
      min: new Date('0001-01-03T00:00:00Z'),
      max: new Date('9999-12-29T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(
        instants,
        fc.integer({ min: -1439, max: 1439 }),
        fc.integer({ min: 0, max: 999 }),
        (date, offset, micros) => {
          const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 23);
          const minutes = Math.abs(offset);
          const zone = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
          const tail = String(micros).padStart(3, '0');
          const wire = `${date.toISOString().slice(0, 23)}${tail}Z`.replace('.000000Z', 'Z');
          expect(parseTimestamp(`${local}${tail}${offset < 0 ? '-' : '+'}${zone}`)).toEqual({ value: wire });
          expect(parseTimestamp(wire)).toEqual({ value: wire });
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('timestamps out', () => {
  test.each([
    ['2030-01-01 00:00:00+00', '2030-01-01T00:00:00Z'],
    ['2030-01-01 00:00:00.5+00', '2030-01-01T00:00:00.500000Z'],
    ['2030-01-01 00:00:00.000001+00', '2030-01-01T00:00:00.000001Z'],
    ['2030-01-01T00:00:00.123+00:00', '2030-01-01T00:00:00.123000Z'],
  ])('%s of PostgreSQL is sent as %s', (text, wire) => {
    expect(formatTimestamp(text)).toBe(wire);
  });

  test.each([
    'infinity',
    '0044-03-15 00:00:00+00 BC',
    '12030-01-01 00:00:00+00',
    '2030-01-01 00:00:00+02',
    '2030-01-01 00:00:00',
    '',
  ])('%s is not sent as anything', (text) => {
    expect(() => formatTimestamp(text)).toThrow(RangeError);
  });
});

describe('dates', () => {
  test('a real day passes', () => {
    expect(parseDate('2028-02-29')).toBe('2028-02-29');
    expect(parseDate('9999-12-31')).toBe('9999-12-31');
  });

  test.each(['2029-02-29', '2030-00-01', '0000-01-01', '2030-1-1', '2030-01-01T00:00', ''])('%j is no day', (text) => {
    expect(parseDate(text)).toBeUndefined();
  });
});
