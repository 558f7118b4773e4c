import { expect, test } from 'vitest';
import { withoutSecrets } from './clean-location.ts';

test.each([
  ['', ''],
  ['?itoken=1', ''],
  ['?itoken=1&secret=2', ''],
  ['?flow_token=1&itoken=2', ''],
  ['?next=%2Ffoo&itoken=1&x=a+b', '?next=%2Ffoo&x=a+b'],
  ['?%69token=1&token=2&tokens=3', '?tokens=3'],
  ['?itoken', ''],
])('%j becomes %j: the secrets go, the rest stays as written (T08)', (search, clean) => {
  expect(withoutSecrets(search)).toBe(clean);
});
