import { expect, test } from 'vitest';
import { aPrompt } from './builders.ts';
import { presentField } from './present-field.ts';

test('a field shows what the contract lists, every key of it', () => {
  expect(presentField(aPrompt({ field_key: 'name', placeholder: 'Your name', initial_value: 'Bob' }), {})).toEqual({
    field_key: 'name',
    label: 'name',
    type: 'text',
    required: true,
    placeholder: 'Your name',
    initial_value: 'Bob',
    order: 0,
    sub_text: '',
    choices: null,
  });
});

test('(57) what the plan has for the key goes before the literal value', () => {
  const shown = presentField(aPrompt({ field_key: 'email', initial_value: 'x' }), { email: 'alice@example.com' });
  expect(shown['initial_value']).toBe('alice@example.com');
});

test.each([
  [7, '7'],
  [true, 'true'],
  [false, ''],
  [null, ''],
  [['a'], '["a"]'],
])('the initial value %j is the text %j', (value, text) => {
  expect(presentField(aPrompt(), { field: value })['initial_value']).toBe(text);
});

test('a password is never shown again', () => {
  const prompt = aPrompt({ type: 'password', initial_value: 'literal' });
  expect(presentField(prompt, {})['initial_value']).toBe('');
  expect(presentField(prompt, { field: 'typed' })['initial_value']).toBe('');
});

test('a choice field offers its placeholder, and begins with it', () => {
  const shown = presentField(aPrompt({ type: 'dropdown', placeholder: 'only', initial_value: 'other' }), {});
  expect(shown).toMatchObject({
    placeholder: '',
    initial_value: 'only',
    choices: [{ value: 'only', label: 'only' }],
  });
});

test('choices in the prompt data go before the placeholder', () => {
  const data = { field__choices: [{ value: 1, label: 'One' }, 'two'], field: 'two' };
  expect(presentField(aPrompt({ type: 'radio-button-group', placeholder: 'x' }), data)).toMatchObject({
    initial_value: 'two',
    choices: [
      { value: '1', label: 'One' },
      { value: 'two', label: 'two' },
    ],
  });
});
