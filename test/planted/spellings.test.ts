import { expect, test } from 'vitest';
import { findPlants, spellingsOf } from './spellings.ts';

const SECRET = 'planted/secret+of "one"';
const UUID = '8d9f3a52-7b1c-4e6f-9a20-1c3d5e7f9b11';

test.each([
  ['as it is', SECRET],
  ['in capitals', SECRET.toUpperCase()],
  ['percent-encoded', encodeURIComponent(SECRET)],
  ['percent-encoded twice', encodeURIComponent(encodeURIComponent(SECRET))],
  ['in JSON', JSON.stringify({ a: SECRET })],
  ['in hex', Buffer.from(SECRET).toString('hex')],
  ['in base64', Buffer.from(`user:${SECRET}`).toString('base64')],
  ['in base64, one place on', Buffer.from(`user::${SECRET}, and more`).toString('base64')],
  ['in base64url, two places on', Buffer.from(`user:::${SECRET}`).toString('base64url')],
])('a planted secret is found %s', (_how, text) => {
  expect(findPlants(new Map([['it', SECRET]]), { log: `before ${text} after` })).toHaveLength(1);
});

test.each([UUID, UUID.toUpperCase(), UUID.replaceAll('-', ''), Buffer.from(UUID).toString('base64')])(
  'a planted uuid is found as %s',
  (text) => {
    expect(findPlants(new Map([['it', UUID]]), { log: `x${text}x` })).toHaveLength(1);
  },
);

test('what is not there is not found, and the report does not say the secret', () => {
  expect(findPlants(new Map([['it', SECRET]]), { log: 'planted/secret of another' })).toEqual([]);
  expect(findPlants(new Map([['it', SECRET]]), { log: `a ${SECRET}` }).join()).not.toContain(SECRET);
  expect(spellingsOf(UUID).every((text) => text.length >= 10)).toBe(true);
});
