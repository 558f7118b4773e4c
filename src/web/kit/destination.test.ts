import { expect, test } from 'vitest';
import { destination } from './destination.ts';

const followed = [
  '/',
  '/if/flow/x/?next=%2F',
  '/a//b',
  'https://app.example/',
  'http://127.0.0.1:9000/x',
  'HTTPS://app.example',
];

const refused = [
  '',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'blob:https://app.example/x',
  'file:///etc/passwd',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\u0000//evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:///evil.example',
  'https://',
  'evil.example',
  './x',
  '?x',
  '#x',
];

test.each(followed)('%j may be followed', (to) => {
  expect(destination(to)).toBe(to);
});

test.each(refused)('%j is not followed (T22)', (to) => {
  expect(destination(to)).toBeUndefined();
});
