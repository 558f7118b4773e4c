import { describe, expect, test } from 'vitest';
import { compareDocuments, reviewDifferences } from './compare-documents.ts';
import type { OpenApiDocument } from './openapi.ts';
import { publishedDocument } from './published-document.ts';

const detail = 'paths /stages/invitation/invitations/{invite_uuid}/';
const list = 'paths /stages/invitation/invitations/';

/** A copy of the published document with the value at a place replaced; `undefined` removes it. The place must exist, or its parent. */
function mutated(place: string, value: unknown): OpenApiDocument {
  const copy: OpenApiDocument = structuredClone(publishedDocument());
  const keys = place.split(' ');
  const last = keys.pop() ?? '';
  let target: unknown = copy;
  for (const key of keys) target = isObject(target) ? target[key] : undefined;
  if (!isObject(target)) throw new Error(`no such place: ${place}`);
  if (value === undefined) delete target[last];
  else target[last] = value;
  return copy;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The document with a component called otherwise, wherever it is used. */
function renamed(from: string, to: string): OpenApiDocument {
  const text = JSON.stringify(publishedDocument());
  return JSON.parse(text.replaceAll(`schemas/${from}"`, `schemas/${to}"`).replace(`"${from}":{`, `"${to}":{`));
}

test('the published document does not differ from itself', { timeout: 60_000 }, () => {
  expect(compareDocuments(structuredClone(publishedDocument()), publishedDocument())).toEqual([]);
});

test('what changes no shape is no difference', { timeout: 60_000 }, () => {
  const schema = 'components schemas Invitation';
  const reordered = ['single_use', 'pk', 'name', 'flow_obj', 'created_by'];
  const published = publishedDocument().components.schemas['Invitation']?.required ?? [];
  const same = reordered.filter((name) => published.includes(name));
  expect(same).toHaveLength(published.length);
  expect(compareDocuments(mutated(`${schema} required`, same), publishedDocument())).toEqual([]);
  expect(compareDocuments(mutated(`${schema} description`, 'other words'), publishedDocument())).toEqual([]);
  const denials = publishedDocument().components.schemas['DeniedActionEnum']?.enum?.toReversed();
  expect(denials).toHaveLength(3);
  const otherOrder = mutated('components schemas DeniedActionEnum enum', denials);
  expect(compareDocuments(otherOrder, publishedDocument())).toEqual([]);
  const inPlace = { $ref: '#/components/schemas/PartialUser', readOnly: true };
  expect(compareDocuments(mutated(`${schema} properties created_by`, inPlace), publishedDocument())).toEqual([]);
});

describe('a planted change gives exactly one difference', { timeout: 60_000 }, () => {
  const parameters = publishedDocument().paths['/stages/invitation/invitations/']?.get?.parameters ?? [];
  const challenges = publishedDocument().components.schemas['ChallengeTypes'];
  const { 'ak-stage-dummy': dummy, ...mapping } = challenges?.discriminator?.mapping ?? {};
  const fewer = {
    oneOf: challenges?.oneOf?.filter(({ $ref }) => $ref !== dummy),
    discriminator: { propertyName: 'component', mapping },
  };
  test.each<[string, OpenApiDocument, string]>([
    [
      'another operationId',
      mutated(`${detail} put operationId`, 'x'),
      'stages_invitation_invitations_update /operationId',
    ],
    ['a parameter less', mutated(`${list} get parameters`, parameters.slice(1)), '/parameters/query:'],
    ['no body', mutated(`${detail} put requestBody`, undefined), 'stages_invitation_invitations_update /requestBody'],
    ['an answer less', mutated(`${detail} get responses 403`, undefined), '/responses/403'],
    [
      'another component',
      mutated(`${detail} get responses 200`, answer('Flow')),
      '/responses/200/application/json/component',
    ],
    [
      'a schema in place of a component',
      mutated(`${detail} get responses 200`, answer()),
      '/application/json/component',
    ],
    [
      'a field less',
      mutated('components schemas Invitation properties single_use', undefined),
      'components /Invitation',
    ],
    ['a field more', mutated('components schemas Invitation properties uses', { type: 'integer' }), '/properties/uses'],
    ['another format', mutated('components schemas Invitation properties pk format', 'email'), 'properties/pk/format'],
    ['nullable lost', mutated('components schemas Invitation properties flow nullable', undefined), 'flow/nullable'],
    ['readOnly lost', mutated('components schemas Invitation properties pk readOnly', undefined), 'pk/readOnly'],
    [
      'optional',
      mutated('components schemas InvitationRequest required', []),
      'InvitationRequest/properties/name/required',
    ],
    ['another pattern', mutated('components schemas InvitationRequest properties name pattern', '^x$'), 'name/pattern'],
    ['no least length', mutated('components schemas InvitationRequest properties name minLength', 0), 'name/minLength'],
    [
      'another default',
      mutated('components schemas InvitationSendEmailRequest properties template default', 'x'),
      '/default',
    ],
    ['another enum', mutated('components schemas DeniedActionEnum enum', ['continue']), '/DeniedActionEnum/enum'],
    ['a component called otherwise', renamed('DeniedActionEnum', 'DenialEnum'), 'components /DeniedActionEnum/name'],
    [
      'closed keys',
      mutated('components schemas Invitation properties fixed_data additionalProperties', false),
      'fixed_data/additional',
    ],
    ['a challenge less', mutated('components schemas ChallengeTypes', fewer), '/ChallengeTypes/oneOf/ak-stage-dummy'],
  ])('%s', (_name, document, expected) => {
    const found = compareDocuments(document, publishedDocument()).map(({ operation, path }) => `${operation} ${path}`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  function answer(name?: string): unknown {
    const schema = name ? { $ref: `#/components/schemas/${name}` } : { type: 'object' };
    return { description: '', content: { 'application/json': { schema } } };
  }
});

test('an operation that the published document does not have is a difference', { timeout: 60_000 }, () => {
  const operation = { operationId: 'magic', responses: {} };
  const found = compareDocuments(mutated('paths /magic/', { get: operation }), publishedDocument());
  expect(found).toEqual([{ operation: 'magic', path: '', ours: 'get /magic/', theirs: undefined }]);
});

describe('the review', () => {
  const found = [{ operation: 'a', path: '/x', ours: 1, theirs: 2 }];

  test('is content when the allowed differences are those that there are', () => {
    expect(reviewDifferences(found, [{ operation: 'a', path: '/x', reason: 'contract 2.2' }])).toEqual([]);
  });

  test('names a difference that is not allowed', () => {
    expect(reviewDifferences(found, [])).toEqual(['not allowed: a /x: ours 1, published 2']);
  });

  test('names an allowed difference that is no longer there', () => {
    const stale = { operation: 'b', path: '/y', reason: 'once' };
    expect(reviewDifferences([], [stale])).toEqual(['allowed, but no longer there: b /y']);
  });

  test('takes no difference without a reason', () => {
    expect(reviewDifferences(found, [{ operation: 'a', path: '/x', reason: ' ' }])).toEqual([
      'allowed without a reason: a /x',
    ]);
  });
});
