import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { compareDocuments, reviewDifferences } from '../contract/compare-documents.ts';
import type { AllowedDifference } from '../contract/compare-documents.ts';
import { publishedDocument } from '../contract/published-document.ts';
import { operationsOf, servedDocument, urlOf } from './operations.ts';
import { UNKNOWN_ID } from './urls.ts';

const allowedFile = new URL('../contract/allowed-differences.json', import.meta.url);
/** For `scripts/contract-ratchet.mjs --implemented`. */
const implementedFile = fileURLToPath(new URL('../../.cache/implemented.json', import.meta.url));

const app = await testApp();
const document = await servedDocument(app);
const operations = operationsOf(document);

beforeAll(() => {
  mkdirSync(dirname(implementedFile), { recursive: true });
  writeFileSync(implementedFile, JSON.stringify(operations.map(({ operationId }) => operationId)));
});

test('our document says of each operation what the published one says, but for reviewed differences (68)', () => {
  const allowed: AllowedDifference[] = JSON.parse(readFileSync(allowedFile, 'utf8'));
  const found = compareDocuments(document, publishedDocument());
  expect(reviewDifferences(found, allowed)).toEqual([]);
});

test('the resources of the first whole path have every operation that the published document has', () => {
  const complete =
    /^\/(stages\/(invitation|all|prompt|user_write|user_login|user_logout|identification|password|deny|dummy)|flows\/(instances|bindings|executor)|policies\/bindings)\//;
  const mine = new Set(operations.map(({ operationId }) => operationId));
  const theirs = operationsOf(publishedDocument()).filter(({ path }) => complete.test(path));
  const missing = theirs.map(({ operationId }) => operationId).filter((id) => !mine.has(id));
  expect(missing).toEqual([]);
});

test('every operation of the document is served', async () => {
  for (const operation of operations) {
    const answer = await app.api(
      'OPTIONS',
      urlOf(operation, () => UNKNOWN_ID),
    );
    expect([operation.operationId, answer.status]).toEqual([operation.operationId, 200]);
    expect(String(answer.headers['allow']).split(', ')).toContain(operation.method);
  }
});

test('the document is the same in YAML and in JSON, for anybody', async () => {
  const ask = (query: string, accept: string) =>
    app.api('GET', `/api/v3/schema/${query}`, undefined, { token: null, headers: { accept } });
  const yaml = await ask('', '*/*');
  expect([yaml.status, yaml.headers['content-type']]).toEqual([200, 'application/vnd.oai.openapi']);
  expect(parse(yaml.text)).toEqual(document);
  const json = await ask('', 'application/vnd.oai.openapi+json');
  expect([json.body, json.headers['content-type']]).toEqual([document, 'application/vnd.oai.openapi+json']);
});
