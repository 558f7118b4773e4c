import pg from 'pg';
import { expect, test } from 'vitest';
import { HashingBusy } from '../crypto/passwords.ts';
import { DatabaseFull, DatabaseUnavailable, toDatabaseError } from '../db/errors.ts';
import { ApiError, ValidationError } from './api-error.ts';
import { defineErrors } from './catalogue.ts';
import { errorReply } from './error-reply.ts';

const databaseError = (code: string): pg.DatabaseError =>
  Object.assign(new pg.DatabaseError('secret', 1, 'error'), { code });

test('a lost database and a full hashing queue are 503 with Retry-After (R06)', () => {
  for (const error of [new DatabaseUnavailable(new Error('gone')), new HashingBusy()]) {
    const answer = errorReply(error);
    expect([answer.status, answer.unexpected]).toEqual([503, false]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  }
});

test.each([
  ['53100', 'could not extend file'],
  ['58030', 'could not write to file "base/1/2": No space left on device'],
])('a full disk (%s) is 507 and says so (R07)', (code, message) => {
  const error = toDatabaseError(Object.assign(new pg.DatabaseError(message, 1, 'error'), { code }));
  expect(error).toBeInstanceOf(DatabaseFull);
  expect(errorReply(error)).toMatchObject({ status: 507, unexpected: false });
  expect(JSON.stringify(errorReply(error).body)).toContain('storage of the server is full');
});

test.each(['53200', '53300', '25006'])('what the database cannot do now (%s) is 503 (R06)', (code) => {
  expect(errorReply(toDatabaseError(databaseError(code)))).toMatchObject({ status: 503, unexpected: false });
});

test.each(['22P05', '22021', '54001'])('what PostgreSQL refuses to store (%s) is 400 (P7)', (code) => {
  expect(errorReply(databaseError(code))).toMatchObject({ status: 400, unexpected: false });
});

test('what a rule of the database refuses (VB400) is a 400 with its words', () => {
  expect(errorReply(databaseError('VB400'))).toMatchObject({ status: 400, body: { non_field_errors: ['secret'] } });
});

test('anything else is a 500 that tells nothing', () => {
  for (const error of [new Error('secret'), databaseError('42601'), 'text', undefined]) {
    expect(errorReply(error)).toEqual({
      status: 500,
      headers: {},
      body: { detail: 'Internal server error' },
      unexpected: true,
    });
  }
});

test('a validation error takes texts, codes and faults of items', () => {
  const error = new ValidationError({
    name: ['Wrong.'],
    list: { 1: [{ code: 'invalid', message: 'Bad item.' }] },
  });
  expect(error.body).toEqual({ name: ['Wrong.'], list: { 1: ['Bad item.'] } });
  expect(error.faults['name']).toEqual([{ code: 'invalid', message: 'Wrong.' }]);
});

test("a feature's error has its name, status and the contract's body", () => {
  const errors = defineErrors('invitation', { noFlow: [400, { error: 'Invitation has no associated flow' }] });
  const error = errors.noFlow();
  expect(error).toBeInstanceOf(ApiError);
  expect([error.message, errorReply(error).status, error.body]).toEqual([
    'invitation.noFlow',
    400,
    { error: 'Invitation has no associated flow' },
  ]);
});
