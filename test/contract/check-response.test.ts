import { describe, expect, test } from 'vitest';
import { checkResponse } from './check-response.ts';
import type { Answer } from './check-response.ts';

const id = '0b8f6c1e-2a5d-4c3b-9f7e-1d2c3b4a5f60';
const invitation = {
  pk: id,
  name: 'welcome',
  expires: '2030-01-01T00:00:00Z',
  fixed_data: { attributes: { any: [1, null] } },
  created_by: {
    pk: 1,
    username: 'jürgen',
    name: 'Jürgen',
    is_active: true,
    last_login: null,
    email: '',
    attributes: {},
    uid: 'f'.repeat(64),
  },
  single_use: true,
  flow: null,
  flow_obj: null,
};
const pagination = { next: 0, previous: 0, count: 1, current: 1, total_pages: 1, start_index: 1, end_index: 1 };
const flowInfo = { title: 'Welcome', background: '/x.jpg', cancel_url: '/flows/-/cancel/', layout: 'stacked' };
const person = { pending_user: 'anna', pending_user_avatar: '/a.png' };
const promptField = {
  field_key: 'username',
  label: 'User name',
  type: 'username',
  required: true,
  placeholder: '',
  initial_value: '',
  order: 0,
  sub_text: '',
  choices: null,
};

const detailUrl = `/api/v3/stages/invitation/invitations/${id}/`;
const exportUrl = '/api/v3/flows/instances/enrollment/export/';
const listUrl = '/api/v3/stages/invitation/invitations/?page=1';
const executorUrl = '/api/v3/flows/executor/invitation-enrollment-flow/?query=itoken%3Dx';

function problems(url: string, body: unknown, changes: Partial<Answer> = {}): string[] {
  const answer = { method: 'GET', url, status: 200, contentType: 'application/json', body, ...changes };
  return checkResponse(answer).map(({ rule, at, message }) => `${rule} ${at}: ${message}`);
}

describe('good answers pass', () => {
  test.each<[string, string, unknown, Partial<Answer>]>([
    ['an invitation', detailUrl, invitation, {}],
    ['an invitation as raw text', detailUrl, JSON.stringify(invitation), {}],
    [
      'a URL with an origin and duplicate slashes',
      `http://h:9000/api/v3//stages/${detailUrl.slice(15)}`,
      invitation,
      {},
    ],
    ['a list', listUrl, { pagination, results: [invitation], autocomplete: {} }, {}],
    ['a plain array', `${detailUrl}used_by/`, [], {}],
    ['a deletion', detailUrl, undefined, { method: 'DELETE', status: 204, contentType: undefined }],
    ['a prompt', executorUrl, { component: 'ak-stage-prompt', flow_info: flowInfo, fields: [promptField] }, {}],
    ['a redirect', executorUrl, { component: 'xak-flow-redirect', to: '/' }, {}],
    [
      'a denial',
      executorUrl,
      { component: 'ak-stage-access-denied', flow_info: flowInfo, ...person, error_message: 'no' },
      {},
    ],
    ['the next stage', executorUrl, '', { status: 302, method: 'POST', contentType: undefined }],
    ['field errors', listUrl, { name: ['This field is required.'] }, { status: 400, method: 'POST' }],
    ['nested field errors', listUrl, { a: [{}, { b: ['no'] }], c: { d: ['no'] } }, { status: 400, method: 'POST' }],
    ['a lone detail', listUrl, { detail: 'JSON parse error - x' }, { status: 400, method: 'POST' }],
    ['a lone error', `${detailUrl}send_email/`, { error: 'No email addresses' }, { status: 400, method: 'POST' }],
    ['a refusal', listUrl, { detail: 'no' }, { status: 403 }],
    ['an unknown URL', '/api/v3/nowhere/', { detail: 'Not found.' }, { status: 404 }],
    ['a missing slash', '/api/v3/core/users', { detail: 'Not found.' }, { status: 404 }],
    ['a wrong method', listUrl, { detail: 'no' }, { status: 405, method: 'PUT' }],
    ['OPTIONS', listUrl, { name: '', description: '', renders: [], parses: [], actions: {} }, { method: 'OPTIONS' }],
    ['HEAD', listUrl, undefined, { method: 'HEAD' }],
    ['a file', exportUrl, 'version: 1', { contentType: 'application/yaml' }],
    ['the document itself', '/api/v3/schema/', 'openapi: 3.0.3', { contentType: 'application/yaml' }],
  ])('%s', (_name, url, body, changes) => {
    expect(problems(url, body, changes)).toEqual([]);
  });
});

describe('a planted fault is found', () => {
  const challenge = { component: 'ak-stage-prompt', flow_info: flowInfo };
  const { single_use: _, created_by: __, ...withoutCreator } = invitation;
  test.each<[string, string, unknown, RegExp, Partial<Answer>]>([
    ['an extra key (68)', detailUrl, { ...invitation, uses: 1 }, /^tight : .*"uses"/, {}],
    [
      'an extra key behind an allOf wrapper (68)',
      detailUrl,
      { ...invitation, created_by: { ...invitation.created_by, avatar: '' } },
      /^tight \/created_by: .*"avatar"/,
      {},
    ],
    [
      'an extra key in a list (68)',
      listUrl,
      { pagination, results: [{ ...invitation, x: 1 }], autocomplete: {} },
      /^tight \/results\/0: /,
      {},
    ],
    ['a missing key', detailUrl, withoutCreator, /^loose : .*created_by/, {}],
    ['null where it may not be', detailUrl, { ...invitation, single_use: null }, /^loose \/single_use: /, {}],
    ['null for an object', detailUrl, { ...invitation, created_by: null }, /^loose \/created_by: /, {}],
    ['a link where paging has numbers', listUrl, paged({ next: null }), /^loose \/pagination\/next: /, {}],
    ['a date without zone', detailUrl, { ...invitation, expires: '2030-01-01T00:00:00' }, /^loose \/expires: /, {}],
    [
      'milliseconds instead of microseconds',
      detailUrl,
      { ...invitation, expires: '2030-01-01T00:00:00.500Z' },
      /^tight \/expires: /,
      {},
    ],
    ['an id in capitals', detailUrl, { ...invitation, pk: id.toUpperCase() }, /^tight \/pk: /, {}],
    ['a name against its pattern', detailUrl, { ...invitation, name: 'a b' }, /^loose \/name: /, {}],
    ['a component that is none', executorUrl, { component: 'ak-stage-magic' }, /^loose \/component: /, {}],
    ['a challenge without component', executorUrl, { to: '/' }, /^loose : .*component/, {}],
    ['a prompt without fields', executorUrl, challenge, /^loose : .*fields/, {}],
    [
      'a wrong enum in a challenge',
      executorUrl,
      { ...challenge, fields: [{ ...promptField, type: 'colour' }] },
      /^loose \/fields\/0\/type: /,
      {},
    ],
    ['the keys of another challenge', executorUrl, { ...challenge, fields: [], to: '/' }, /^tight : .*"to"/, {}],
    ['a 401', listUrl, { detail: 'no' }, /^status /, { status: 401 }],
    ['a 500', listUrl, { detail: 'no' }, /^status /, { status: 500 }],
    [
      'a 500 that the published operation declares',
      `/api/v3/events/transports/${id}/test/`,
      '',
      /^status /,
      { status: 500, method: 'POST' },
    ],
    ['a 201 where 200 is declared', detailUrl, invitation, /^status /, { status: 201, method: 'PUT' }],
    ['a 302 outside the executor', detailUrl, '', /^status /, { status: 302 }],
    ['a 200 of an unknown URL', '/api/v3/nowhere/', {}, /^status /, {}],
    ['a 200 of a method that is not there', listUrl, {}, /^status /, { method: 'PATCH' }],
    ['a URL elsewhere', '/api/v2/core/users/', {}, /^status /, {}],
    ['a key beside detail', listUrl, { detail: 'no', code: 'x' }, /^error : .*"code"/, { status: 403 }],
    ['a detail that is no text', listUrl, { detail: ['no'] }, /^error \/detail: /, { status: 403 }],
    ['a field error that is no list', listUrl, { name: 'no' }, /^error \/name: /, { status: 400, method: 'POST' }],
    ['an empty 400', listUrl, {}, /^error : /, { status: 400, method: 'POST' }],
    ['a list as 400', listUrl, ['no'], /^error : /, { status: 400, method: 'POST' }],
    ['a code in a 400', listUrl, { name: ['no'], code: 'invalid' }, /^error \/code: /, { status: 400, method: 'POST' }],
    ['a body in a 204', detailUrl, {}, /^empty /, { method: 'DELETE', status: 204 }],
    ['a body for HEAD', listUrl, '{}', /^empty /, { method: 'HEAD' }],
    ['OPTIONS with more', listUrl, { name: '', description: '' }, /^options /, { method: 'OPTIONS' }],
    ['a charset', detailUrl, invitation, /^type /, { contentType: 'application/json; charset=utf-8' }],
    ['half a body', detailUrl, '{"pk":', /^json /, {}],
    ['no body', detailUrl, '', /^json /, {}],
    ['an export as JSON', exportUrl, '{}', /^type /, {}],
    ['an export of nothing', exportUrl, '', /^type /, { contentType: 'application/yaml' }],
  ])('%s', (_name, url, body, expected, changes) => {
    const found = problems(url, body, changes);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  function paged(changes: Record<string, unknown>): unknown {
    return { pagination: { ...pagination, ...changes }, results: [], autocomplete: {} };
  }
});

test('a literal segment wins over a parameter: users/me is not the user whose number is "me"', () => {
  const [problem] = checkResponse({
    method: 'GET',
    url: '/api/v3/core/users/me/',
    status: 200,
    contentType: 'application/json',
    body: {},
  });
  expect(problem?.operation).toBe('core_users_me_retrieve');
});

test('a problem never repeats a value of the body, which may be a secret', () => {
  const found = problems(detailUrl, { ...invitation, name: 'se cret', single_use: 'se cret', flow: 'se cret' });
  expect(found).toHaveLength(3);
  expect(found.join()).not.toContain('se cret');
});

test('once compiled, checking an invitation takes far less than a millisecond', () => {
  const answer = { method: 'GET', url: detailUrl, status: 200, contentType: 'application/json', body: invitation };
  checkResponse(answer);
  const start = performance.now();
  for (let round = 0; round < 1000; round += 1) checkResponse(answer);
  expect(performance.now() - start).toBeLessThan(1000);
});
